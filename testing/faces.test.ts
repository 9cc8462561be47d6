import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { isNode, lastName, nodesOf, pathsBelow, type SourceFile, sourceFile, spelled, textOf } from './syntax.ts';

/*
 * A vendor's face translates and decides nothing. Rules it would need live in the engine, as outcomes that every face
 * has to word.
 */

const root = fileURLToPath(new URL('../', import.meta.url));
const ours = ['admin', 'development', 'native', 'people'];
const vendors = readdirSync(join(root, 'src/faces')).filter((name) => !ours.includes(name));

const filesOf = (vendor: string): SourceFile[] =>
  pathsBelow(`src/faces/${vendor}`)
    .filter((path) => !path.endsWith('.test.ts'))
    .map((path) => sourceFile(path, textOf(path)));

/** Values that a face may take from the engine and the domain: words, and the reading of what is spelt out. */
const mayTake = new Set([
  'src/domain/api-key.ts',
  'src/domain/callback-url.ts',
  'src/domain/country.ts',
  'src/domain/line.ts',
  'src/domain/pseudonym.ts',
  'src/domain/recipient.ts',
  'src/domain/uuid.ts',
  'src/engine/events.ts',
  'src/engine/tenancy.ts',
]);

function takenFrom({ path, nodes }: SourceFile): string[] {
  const folder = path.split('/').slice(0, -1);
  return nodes
    .filter(({ type, importKind }) => type === 'ImportDeclaration' && importKind !== 'type')
    .filter(
      ({ specifiers }) => !Array.isArray(specifiers) || specifiers.some(({ importKind }) => importKind !== 'type'),
    )
    .map(({ source }) => (isNode(source) ? String(source.value) : ''))
    .filter((name) => name.startsWith('.'))
    .map((name) => join(...folder, name));
}

test.each(vendors)('the face of %s takes values from its own folder and from http, and few words of ours', (vendor) => {
  const foreign = filesOf(vendor)
    .flatMap(takenFrom)
    .filter((path) => !path.startsWith('src/http/') && !path.startsWith(`src/faces/${vendor}/`) && !mayTake.has(path));
  expect(foreign).toEqual([]);
});

const parts = ['errors.ts', 'mapping.ts', 'routes.ts', 'wire.ts'];

/** Most lines that a face has altogether; more where a vendor knows so many codes, or states of a message, that each is a line. */
const linesMax: Readonly<Record<string, number>> = { ding: 600, smscx: 530, smsworks: 430 };

test.each(vendors)('the face of %s is wire, routes, mapping and errors, and short', (vendor) => {
  const files = filesOf(vendor);
  expect(files.map(({ path }) => path.split('/').slice(3).join('/')).sort()).toEqual(parts);
  const lines = files.reduce((sum, { text }) => sum + text.split('\n').length - 1, 0);
  expect(lines).toBeLessThanOrEqual(linesMax[vendor] ?? 440);
});

const decided = /^(?:attempts\w*|sends\w*|\w*AtMs|nowMs|retryAfterSeconds)$/;
const orders = new Set(['<', '>', '<=', '>=']);

test.each(vendors)('the face of %s reads no clock, and weighs neither attempts nor times', (vendor) => {
  const found = filesOf(vendor).flatMap((file) => [
    ...nodesOf(file, 'BinaryExpression')
      .filter(({ operator }) => orders.has(String(operator)))
      .filter(({ left, right }) => [left, right].some((side) => decided.test(lastName(side) ?? '')))
      .map((node) => spelled(file, node)),
    ...nodesOf(file, 'CallExpression', 'NewExpression')
      .map((node) => spelled(file, node))
      .filter((text) => /^(?:new Date\(\)|Date\.now\(|performance\.now\(|process\.hrtime|Math\.random\()/.test(text)),
  ]);
  expect(found).toEqual([]);
});

/** Kinds that nobody has heard of, added to what the engine answers. */
const unheard: readonly [path: string, of: string, anchor: string][] = [
  ['src/domain/verification.ts', 'a check', 'export type CheckOutcome ='],
  ['src/engine/commands/create-verification.ts', 'a create', 'export type CreateOutcome ='],
  ['src/engine/commands/send-own-code.ts', 'a code to a user', 'export type SendOwnCodeOutcome ='],
];

test('an outcome that is new to the engine does not compile until each face has words for it', {
  timeout: 60_000,
}, () => {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-faces-'));
  try {
    for (const name of ['src', 'tsconfig.json', 'package.json'])
      cpSync(join(root, name), join(folder, name), { recursive: true, filter: (path) => !path.endsWith('.test.ts') });
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
    for (const [path, , anchor] of unheard) {
      const text = readFileSync(join(folder, path), 'utf8');
      expect(text).toContain(anchor);
      writeFileSync(join(folder, path), text.replace(anchor, `${anchor}\n  | { readonly kind: 'unheard-of' }`));
    }
    const { stdout } = spawnSync(join(root, 'node_modules/.bin/tsc'), ['--noEmit', '--pretty', 'false'], {
      cwd: folder,
      encoding: 'utf8',
      timeout: 50_000,
    });
    const speechless = new Set([...stdout.matchAll(/^src\/faces\/(\w+)\//gm)].map(([, face]) => face));
    expect([...speechless].sort()).toEqual(expect.arrayContaining(['native', ...vendors]));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
