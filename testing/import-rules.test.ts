import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';

const root = fileURLToPath(new URL('../', import.meta.url));
let folder = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'countersign-rules-'));
  for (const name of ['package.json', '.dependency-cruiser.mjs']) copyFileSync(join(root, name), join(folder, name));
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Checks a repository of these files. @returns the broken rules, each with the import that breaks it */
function broken(files: Readonly<Record<string, string>>): string[] {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  const script = join(root, 'scripts/imports.mjs');
  const { stdout } = spawnSync(process.execPath, [script, folder], { encoding: 'utf8', timeout: 25_000 });
  return [...stdout.matchAll(/ error ([\w-]+): (\S+)/g)].map(([, rule, path]) => `${rule} ${path}`).sort();
}

const sound = {
  'src/domain/rule.ts': `import { createHash } from 'node:crypto';\nexport const rule = createHash;\n`,
  'src/engine/port.ts': `import type { rule } from '../domain/rule.ts';\nexport interface Port { rule: typeof rule }\n`,
  'src/http/server.ts': `import { fastify } from 'fastify';\nimport type { Port } from '../engine/port.ts';\n`,
  'src/faces/acme/routes.ts': `import {\n  one,\n  two,\n} from '../../http/server.ts';\n`,
  'src/stores/acme/store.ts': `import Database from 'better-sqlite3';\nimport type { Port } from '../../engine/port.ts';\n`,
  'src/main/compose.ts': `import '../faces/acme/routes.ts';\nimport * as store from '../stores/acme/store.ts';\n`,
  'src/engine/port.test.ts': `import { test } from 'vitest';\nimport '../main/compose.ts';\n`,
};

/** In pieces, so that it is not taken for an import of this file's own. */
const dynamic = (path: string) => `const face = await ${['import']}('${path}');`;

test('has nothing against imports that run from main to domain', () => {
  expect(broken(sound)).toEqual([]);
});

test('finds each import that runs the other way, those of types too', () => {
  const breaches: [rule: string, path: string, text: string][] = [
    ['domain-knows-nobody', 'src/domain/a.ts', `import type { Port } from '../engine/port.ts';`],
    ['domain-uses-few-builtins', 'src/domain/b.ts', `import { readFileSync } from 'node:fs';`],
    ['engine-knows-domain', 'src/engine/a.ts', `import {\n  type one,\n  two,\n} from '../http/server.ts';`],
    ['stores-knows-domain-engine', 'src/stores/acme/a.ts', `export { compose } from '../../main/compose.ts';`],
    ['channels-knows-domain-engine', 'src/channels/sms/a.ts', `import '../../stores/acme/store.ts';`],
    ['http-knows-domain-engine', 'src/http/a.ts', dynamic('../faces/acme/routes.ts')],
    ['cli-knows-domain-engine', 'src/cli/a.ts', `import '../stores/acme/store.ts';`],
    ['a-face-knows-no-other', 'src/faces/other/a.ts', `import '../acme/routes.ts';`],
    ['telemetry-knows-the-log', 'src/telemetry/a.ts', `import '../engine/port.ts';`],
    ['main-is-the-end', 'src/main/a.ts', `import '../../testing/help.ts';`],
    ['every-folder-has-its-place', 'src/util/a.ts', `import '../domain/rule.ts';`],
    ['no-development-dependencies', 'src/main/b.ts', `import type { Page } from 'playwright-core';`],
    ['no-strangers', 'src/main/c.ts', `import ms from 'ms';`],
    ['everything-resolves', 'src/main/d.ts', `import './nowhere.ts';`],
    ['no-orphans', 'src/engine/alone.ts', `export const alone = 1;`],
  ];
  const files = Object.fromEntries(breaches.map(([, path, text]) => [path, `${text}\n`]));
  const found = broken({ ...sound, 'testing/help.ts': `import 'node:fs';\n`, ...files });
  expect(found).toEqual(expect.arrayContaining(breaches.map(([rule, path]) => `${rule} ${path}`)));
  expect(found.filter((line) => !breaches.some(([, path]) => line.endsWith(` ${path}`)))).toEqual([]);
});

test('finds a cycle, also where only types go round', () => {
  const found = broken({
    ...sound,
    'src/engine/one.ts': `import type { two } from './two.ts';\n`,
    'src/engine/two.ts': `import type { one } from './one.ts';\n`,
  });
  expect(found).toEqual(['no-cycles src/engine/one.ts']);
});
