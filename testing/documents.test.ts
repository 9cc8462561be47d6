import { existsSync, readdirSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { defaultLimits } from '../src/domain/limits.ts';
import { textOf } from './syntax.ts';

/* What of the documents a program can check: that links lead somewhere, and that no name of the code is missing. */

const root = fileURLToPath(new URL('../', import.meta.url));
const namesIn = (folder: string) => readdirSync(join(root, folder)).filter((name) => name.endsWith('.md'));
const documents = [...namesIn('.'), ...namesIn('docs').map((name) => `docs/${name}`), 'bench/README.md'];

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

test('docs/development.md lists every setting and no other', () => {
  const [, list = ''] = /const names = \[(.*?)\]/s.exec(textOf('src/main/settings.ts')) ?? [];
  const settings = [...list.matchAll(/'(\w+)'/g)].map(([, name]) => name);
  const listed = [...textOf('docs/development.md').matchAll(/^\| `(COUNTERSIGN_\w+)`/gm)].map(([, name]) => name);
  expect(settings.length).toBeGreaterThan(3);
  expect(listed.sort()).toEqual(settings.sort());
});

test.each([
  ['docs/api.md', ['src/faces/native/errors.ts', 'src/http/problem.ts']],
  ['docs/development.md', ['src/faces/development/guard.ts']],
])('%s names every problem code', (document, sources) => {
  const worded = sources.map(textOf).join('\n');
  // Nothing is answered with it yet: keys have no scopes.
  const codes = [...worded.matchAll(/(?:code: |conflict\(|\? \[|: \[)'(\w+)'/g)].map(([, code]) => code);
  expect(codes.length).toBeGreaterThan(3);
  const text = textOf(document);
  expect(codes.filter((code) => code !== 'forbidden' && !text.includes(`\`${code}\``))).toEqual([]);
});

test('docs/api.md lists every route of the native API', () => {
  const routes = [...textOf('src/faces/native/routes.ts').matchAll(/app\.(get|post)\('([^']+)'/g)];
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
