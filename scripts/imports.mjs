// Checks the direction of imports: dependency-cruiser with the rules of .dependency-cruiser.mjs.
//
// It reads TypeScript only through the compiler's old programming interface, which TypeScript 7 does not have, and from
// built files the imports of types are gone. So it is shown a skeleton of the sources instead: the same tree, where each
// file holds its imports and nothing else, those of types among them.
//
// Usage: node scripts/imports.mjs [root of the repository]
import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

process.chdir(process.argv[2] ?? join(dirname(fileURLToPath(import.meta.url)), '..'));

const folders = ['src', 'testing', 'bench'].filter(existsSync);

// The formatter sees to it that every import begins a line and stands in single quotes.
const names = String.raw`(?:type )?(?:\{[^}]*\}|\* as \w+|\*|\w+(?:, \{[^}]*\})?)`;
const imports = new RegExp(
  String.raw`^(?:import|export) ${names} from '([^']+)'|^import '([^']+)'|\bimport\('([^']+)'\)`,
  'gm',
);

function skeletonOf(source) {
  const found = [...source.matchAll(imports)].map(([, named, bare, dynamic]) => named ?? bare ?? dynamic);
  return found.map((name) => `import '${name.replace(/\.ts$/, '.js')}';\n`).join('');
}

const root = mkdtempSync(join(tmpdir(), 'countersign-imports-'));
try {
  for (const folder of folders) {
    for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
      if (!name.endsWith('.ts')) continue;
      const skeleton = join(root, folder, name.replace(/\.ts$/, '.js'));
      mkdirSync(dirname(skeleton), { recursive: true });
      writeFileSync(skeleton, skeletonOf(readFileSync(join(folder, name), 'utf8')));
    }
  }
  copyFileSync('package.json', join(root, 'package.json'));
  copyFileSync('.dependency-cruiser.mjs', join(root, '.dependency-cruiser.mjs'));
  symlinkSync(resolve('node_modules'), join(root, 'node_modules'));

  const cruiser = resolve('node_modules/dependency-cruiser/bin/dependency-cruise.mjs');
  const { status, stdout, stderr } = spawnSync(process.execPath, [cruiser, '--output-type', 'err-long', ...folders], {
    cwd: root,
    encoding: 'utf8',
  });
  process.stdout.write(stdout.replace(/\b((?:src|testing|bench)\/[\w./-]+)\.js\b/g, '$1.ts'));
  process.stderr.write(stderr);
  process.exitCode = status ?? 1;
} finally {
  rmSync(root, { recursive: true, force: true });
}
