// Compiles the TypeScript to dist/ and copies static files beside it; does nothing when dist/ is newer than its sources.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, readdirSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

process.chdir(join(dirname(fileURLToPath(import.meta.url)), '..'));

const quiet = process.argv.includes('--quiet');
const stamp = 'dist/.built';
const sources = [
  'src',
  'bench',
  'testing',
  'scripts/build.mjs',
  'tsconfig.json',
  'tsconfig.build.json',
  'package-lock.json',
];

/** Every file below `path`, and every folder, whose time moves when something in it is renamed or removed. */
function* walk(path) {
  yield path;
  if (statSync(path).isDirectory()) for (const name of readdirSync(path)) yield* walk(join(path, name));
}

const paths = sources.filter(existsSync).flatMap((path) => [...walk(path)]);
const newest = Math.max(...paths.map((path) => statSync(path).mtimeMs));
if (existsSync(stamp) && statSync(stamp).mtimeMs >= newest) {
  if (!quiet) console.log('dist/ is up to date');
  process.exit(0);
}

const begunAt = new Date();
// Built beside and renamed, so that whatever runs meanwhile finds the old files or the new ones, never half of either.
const draft = `dist/.new-${process.pid}`;
const compiler = ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json', '--outDir', draft];
const compiled = spawnSync(process.execPath, compiler, { stdio: 'inherit' });
if (compiled.status !== 0) {
  rmSync(draft, { recursive: true, force: true });
  process.exit(compiled.status ?? 1);
}
for (const path of paths) {
  if (path.endsWith('/static')) cpSync(path, join(draft, path), { recursive: true });
}
for (const name of readdirSync(draft)) {
  if (existsSync(join('dist', name))) renameSync(join('dist', name), join(draft, `${name}.old`));
  renameSync(join(draft, name), join('dist', name));
}
rmSync(draft, { recursive: true, force: true });
writeFileSync(stamp, '');
// A source saved while it was compiled is newer than the build.
utimesSync(stamp, begunAt, begunAt);
if (!quiet) console.log('built dist/');
