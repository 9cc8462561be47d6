// Everything that is checked before the tests run: types, lint and format, and the direction of imports.
// Each check runs once; its output is shown only when it fails, and all of them run whatever the earlier ones say.
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

process.chdir(join(dirname(fileURLToPath(import.meta.url)), '..'));

const checks = [
  ['types', 'node_modules/typescript/bin/tsc', '-p', 'tsconfig.json'],
  ['lint and format', 'node_modules/@biomejs/biome/bin/biome', 'ci', '--colors=off', '--error-on-warnings', '.'],
  ['direction of imports', 'scripts/imports.mjs'],
];

for (const [name, ...command] of checks) {
  const { status, stdout, stderr } = spawnSync(process.execPath, command, { encoding: 'utf8' });
  if (status !== 0) {
    process.stdout.write(stdout);
    process.stderr.write(stderr);
    process.exitCode = 1;
  }
  console.log(`${name}: ${status === 0 ? 'ok' : 'failed'}`);
}
