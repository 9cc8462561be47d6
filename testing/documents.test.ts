import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { defaultLimits } from '../src/domain/limits.ts';
import { settingsList } from '../src/main/settings/list.ts';
import { readSettings } from '../src/main/settings.ts';
import { temporaryDirectory } from './process.ts';
import { textOf } from './syntax.ts';

/* What of the documents a program can check: that links lead somewhere, and that no name of the code is missing. */

const root = fileURLToPath(new URL('../', import.meta.url));
const namesIn = (folder: string) => readdirSync(join(root, folder)).filter((name) => name.endsWith('.md'));
const documents = [
  ...namesIn('.'),
  ...namesIn('docs').map((name) => `docs/${name}`),
  ...namesIn('docs/faces').map((name) => `docs/faces/${name}`),
  'bench/README.md',
];

test('there are documents', () => {
  expect(documents).toEqual(expect.arrayContaining(['README.md', 'docs/api.md', 'SECURITY.md']));
});

test.each(documents)('every link of %s leads to a file and a heading of ours', (path) => {
  const links = [...withoutCode(textOf(path)).matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = '']) => link);
  const broken = links.filter((link) => !/^https?:/.test(link) && !leadsSomewhere(path, link));
  expect(broken).toEqual([]);
});

function leadsSomewhere(from: string, link: string): boolean {
  const [file = '', heading] = link.split('#', 2);
  const target = file === '' ? from : normalize(join(dirname(from), file));
  if (!existsSync(join(root, target))) return false;
  return heading === undefined || headingsOf(target).includes(heading);
}

/** As GitHub names them. */
function headingsOf(path: string): string[] {
  const headings = [...withoutCode(textOf(path)).matchAll(/^#+ (.+)$/gm)].map(([, text = '']) => text.toLowerCase());
  return headings.map((text) => text.replace(/[^\p{L}\p{N} _-]/gu, '').replaceAll(' ', '-'));
}

function withoutCode(text: string): string {
  return text.replace(/^ *```.*?^ *```/gms, '');
}

test('docs/settings.md lists every setting as the schema has it, and no other', () => {
  const rows = [
    ...textOf('docs/settings.md').matchAll(/^\| `([^`]+)` +\| `(COUNTERSIGN_\w+)` +\| (.*?) +\| (.*?) +\|$/gm),
  ];
  const listed = rows.map(([, key, variable, preset, description]) => ({
    key,
    variable,
    default: preset,
    description,
  }));
  expect(listed).toEqual(settingsList());
});

test('docs/settings.md and docs/development.md name only variables that there are', () => {
  const known = ['COUNTERSIGN_CONFIG', ...settingsList().map(({ variable }) => variable)];
  // Examples of the secrets and the providers of somebody's own.
  const own = /^COUNTERSIGN_(?:PROVIDERS_\w*|\w+_FILE)$/;
  const named = ['docs/settings.md', 'docs/development.md'].flatMap(
    (path) => textOf(path).match(/\bCOUNTERSIGN_[A-Z][A-Z_]*/g) ?? [],
  );
  expect(named.filter((name) => !known.includes(name) && !own.test(name))).toEqual([]);
});

test('the example of docs/settings.md can be used as it is', () => {
  const [, yaml = ''] = /^```yaml\n(.*?)^```/ms.exec(textOf('docs/settings.md')) ?? [];
  using directory = temporaryDirectory();
  const inPlace = (name: string, text: string) => {
    writeFileSync(join(directory.path, name), text, { mode: 0o600 });
    return join(directory.path, name);
  };
  const token = inPlace('token', 'x'.repeat(32));
  const configFile = inPlace('file.yaml', yaml.replace('/etc/countersign/operations-token', token));
  const settings = readSettings({ mode: 'production', env: {}, cwd: root, configFile, providerTypes: [] });
  expect(settings).toMatchObject({ dataDir: '/var/lib/countersign', operationsToken: 'x'.repeat(32) });
});

test.each([
  ['docs/api.md', ['src/faces/native/errors.ts', 'src/faces/people/errors.ts', 'src/http/problem.ts']],
  ['docs/development.md', ['src/faces/development/guard.ts']],
])('%s names every problem code', (document, sources) => {
  const worded = sources.map(textOf).join('\n');
  const codes = [...worded.matchAll(/(?:code: |conflict\(|\? \[|: \[)'(\w+)'/g)].map(([, code]) => code);
  expect(codes.length).toBeGreaterThan(3);
  const text = textOf(document);
  expect(codes.filter((code) => !text.includes(`\`${code}\``))).toEqual([]);
});

test('docs/api.md lists every route of the native API', () => {
  const files = ['native/routes.ts', 'people/user-routes.ts', 'people/session-routes.ts'];
  const routes = files.flatMap((name) => [
    ...textOf(`src/faces/${name}`).matchAll(/app\.(get|post|patch|delete)\('([^']+)'/g),
  ]);
  const named = routes.map(([, method = '', path = '']) => `${method.toUpperCase()} /v1${path.replace(':id', '{id}')}`);
  expect(named.length).toBeGreaterThan(5);
  const text = textOf('docs/api.md');
  expect(named.filter((route) => !text.includes(`| \`${route}\``))).toEqual([]);
});

test('docs/api.md states the limits that are in force', () => {
  const grouped = (seconds: number) => seconds.toLocaleString('en-US');
  const text = textOf('docs/api.md');
  for (const windows of [defaultLimits.recipientSends, defaultLimits.addressCreates]) {
    const stated = windows.map(({ count, seconds }) => `${count} in ${grouped(seconds)} s`).join(' and ');
    expect(text).toContain(`| ${stated} `);
  }
});
