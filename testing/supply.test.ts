import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';

const root = fileURLToPath(new URL('../', import.meta.url));
let folder = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'countersign-supply-'));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

interface Package {
  readonly licence?: unknown;
  readonly installed?: string | undefined;
  readonly locked?: object;
}

/** Lays out a product of these packages, all of version 1.0.0 and MIT unless they say otherwise. */
function laidOut(packages: Readonly<Record<string, Package>>): void {
  const paths = Object.keys(packages).map((name) => `node_modules/${name}`);
  const locked = Object.values(packages).map((one) => ({ version: '1.0.0', ...one.locked }));
  const lockfile = { packages: { '': {}, ...Object.fromEntries(paths.map((path, at) => [path, locked[at]])) } };
  writeFileSync(join(folder, 'package.json'), '{"name":"product"}');
  writeFileSync(join(folder, 'package-lock.json'), JSON.stringify(lockfile));
  for (const [name, one] of Object.entries(packages)) {
    const { licence = 'MIT', installed: version = '1.0.0' } = one;
    if ('installed' in one && one.installed === undefined) continue;
    mkdirSync(join(folder, 'node_modules', name), { recursive: true });
    writeFileSync(join(folder, 'node_modules', name, 'package.json'), JSON.stringify({ version, license: licence }));
  }
  answers('sbom', JSON.stringify(sbomOf(Object.keys(packages))));
}

const componentOf = (name: string) => ({
  'bom-ref': `${name}@1.0.0`,
  name,
  version: '1.0.0',
  author: 'Ada <ada@example.com> (https://ada.example)',
  purl: `pkg:npm/${name}@1.0.0?repository_url=https://registry.example`,
  externalReferences: [{ type: 'distribution', url: `https://registry.example/${name}.tgz` }],
});

/** What npm says of a product in a folder called `somewhere`, which needs all of these packages. */
function sbomOf(names: readonly string[]) {
  const component = { ...componentOf('product'), name: 'somewhere' };
  const dependsOn = names.map((name) => `${name}@1.0.0`);
  const leaves = dependsOn.map((ref) => ({ ref, dependsOn: [] }));
  const dependencies = [{ ref: 'product@1.0.0', dependsOn }, ...leaves];
  return { bomFormat: 'CycloneDX', metadata: { component }, components: names.map(componentOf), dependencies };
}

/** Has the npm of the next run answer so; it hangs where it has no answer. */
function answers(command: 'audit' | 'sbom' | 'ci' | 'test', text: string): void {
  mkdirSync(join(folder, 'bin'), { recursive: true });
  writeFileSync(join(folder, 'bin', command), text);
}

const standIn = `#!/bin/sh
echo "$*" >> "$(dirname "$0")/asked"
answer="$(dirname "$0")/$1"
if [ -f "$answer" ]; then exec cat "$answer"; else exec sleep 20; fi
`;
const ofThisMachine = `#!/bin/sh
if [ "$1" = audit ]; then exec cat "$(dirname "$0")/audit"; fi
PATH="\${PATH#*:}" exec npm "$@"
`;

function run(program: string, args: readonly string[], npm: string) {
  mkdirSync(join(folder, 'bin'), { recursive: true });
  writeFileSync(join(folder, 'bin/npm'), npm, { mode: 0o755 });
  const env = { ...process.env, PATH: `${join(folder, 'bin')}:${process.env.PATH}` };
  return spawnSync(program, args, { encoding: 'utf8', timeout: 25_000, env });
}

function supply(npm = standIn, args: readonly string[] = []) {
  const script = [join(root, 'scripts/supply.mjs'), '--root', folder, ...args];
  const { status, stdout } = run(process.execPath, script, npm);
  return { status, verdict: stdout.trimEnd().split('\n').at(-1), stdout };
}

const written = (name: string) => readFileSync(join(folder, 'dist', name), 'utf8');

const advisory = (severity: string) => ({ acme: { name: 'acme', severity, isDirect: true, via: ['other'] } });
const report = (vulnerabilities: object, total = 3) => ({
  auditReportVersion: 2,
  vulnerabilities,
  metadata: { dependencies: { prod: total, total } },
});
const refused = {
  message: '405 Method Not Allowed - POST https://registry.example/-/npm/v1/security/advisories/bulk',
  statusCode: 405,
  error: { summary: '', detail: '' },
};
const unreachable = { error: { code: 'ENOTFOUND', summary: 'request to https://registry.example failed', detail: '' } };
const unnamed = { error: { summary: 'request to https://registry.example failed', detail: '' } };

const audits: [sentence: string, answer: object | string, status: number, verdict: string][] = [
  ['no advisory passes', report({}), 0, 'supply: passed'],
  ['one of moderate severity passes', report(advisory('moderate')), 0, 'supply: passed'],
  ['one of high severity fails', report(advisory('high')), 1, 'supply: failed'],
  ['one of critical severity fails', report(advisory('critical')), 1, 'supply: failed'],
  ['one of a severity never heard of fails', report(advisory('dire')), 1, 'supply: failed'],
  ['a refusal is no audit', refused, 2, 'supply: not audited: the registry answered 405'],
  ['a registry out of reach is no audit', unreachable, 2, 'supply: not audited: ENOTFOUND'],
  ['an error without a code is no audit', unnamed, 2, 'supply: not audited: request to (address) failed'],
  ['a report over no packages is no audit', report({}, 0), 2, 'supply: not audited: npm audit gave no report'],
  ['an empty object is no audit', {}, 2, 'supply: not audited: npm audit gave no report'],
  ['null is no audit', 'null', 2, 'supply: not audited: npm audit gave no report'],
  ['no JSON is no audit', '<html>', 2, 'supply: not audited: npm audit did not answer in JSON'],
];

test.each(audits)('of the answers to npm audit, %s', (_, answer, status, verdict) => {
  laidOut({ acme: {} });
  answers('audit', typeof answer === 'string' ? answer : JSON.stringify(answer));
  expect(supply()).toMatchObject({ status, verdict });
});

test('names the packages with an advisory over the limit, and no others', () => {
  laidOut({ acme: {} });
  answers('audit', JSON.stringify(report({ ...advisory('high'), other: { name: 'other', severity: 'low' } })));
  expect(supply().stdout).toContain('advisories: failed: acme (high)\n');
});

test('npm is made to ask, also where it is set to be offline and would find nothing', () => {
  laidOut({ acme: {} });
  answers('audit', JSON.stringify(report({})));
  supply();
  const asked = readFileSync(join(folder, 'bin/asked'), 'utf8').split('\n');
  expect(asked.filter((one) => one.startsWith('audit '))).toEqual([expect.stringContaining(' --offline=false ')]);
});

test('an npm audit that takes too long is ended, and is no audit', () => {
  laidOut({ acme: {} });
  const verdict = 'supply: not audited: npm took longer than 0.3 s';
  expect(supply(standIn, ['--timeout', '0.3'])).toMatchObject({ status: 2, verdict });
});

const licences: [licence: unknown, status: number][] = [
  ['MIT', 0],
  ['(BSD-2-Clause OR GPL-3.0-only)', 0],
  ['(MIT AND ISC)', 0],
  [[{ type: 'ISC' }], 0],
  [{ type: 'Apache-2.0' }, 0],
  ['GPL-3.0-only', 1],
  ['MIT AND GPL-3.0-only', 1],
  ['GPL-3.0-only AND (MIT OR ISC)', 1],
  ['MIT AND GPL-3.0-only OR GPL-3.0-only', 1],
  ['Apache-2.0 WITH Some-exception', 1],
  ['SEE LICENSE IN LICENSE', 1],
  ['mit', 1],
  [[], 1],
  [null, 1],
];

test.each(licences)('a package under %j', (licence, status) => {
  laidOut({ acme: { licence } });
  answers('audit', JSON.stringify(report({})));
  expect(supply()).toMatchObject({ status });
});

test('a licence that is not allowed fails although nobody could be asked for advisories', () => {
  laidOut({ acme: { licence: 'GPL-3.0-only' } });
  answers('audit', JSON.stringify(refused));
  const ran = supply();
  expect(ran).toMatchObject({ status: 1, verdict: 'supply: failed' });
  expect(ran.stdout).toContain('licences: failed: not allowed: acme 1.0.0 is GPL-3.0-only\n');
});

const installations: [sentence: string, other: Package, status: number][] = [
  ['is missing', { installed: undefined }, 1],
  ['has another version than the lockfile', { installed: '1.0.1' }, 1],
  ['is missing and for another kind of machine', { installed: undefined, locked: { optional: true } }, 0],
  ['is for development, under any licence', { licence: 'GPL-3.0-only', locked: { dev: true } }, 0],
];

test.each(installations)('a package that %s', (_, other, status) => {
  laidOut({ acme: {}, other });
  answers('audit', JSON.stringify(report({})));
  expect(supply()).toMatchObject({ status });
});

test('lists and describes what the server runs with, and no addresses', () => {
  laidOut({ zeta: { licence: 'ISC' }, '@acme/tool': {}, builder: { locked: { dev: true } } });
  answers('audit', JSON.stringify(report({})));
  expect(supply()).toMatchObject({ status: 0 });
  expect(written('licences.txt')).toBe('@acme/tool\t1.0.0\tMIT\nzeta\t1.0.0\tISC\n');
  expect(JSON.parse(written('sbom.cdx.json'))).toEqual({
    bomFormat: 'CycloneDX',
    metadata: { component: described('product') },
    components: [described('zeta'), described('@acme/tool')],
    dependencies: [
      { ref: 'product@1.0.0', dependsOn: ['zeta@1.0.0', '@acme/tool@1.0.0'] },
      { ref: 'zeta@1.0.0', dependsOn: [] },
      { ref: '@acme/tool@1.0.0', dependsOn: [] },
    ],
  });
});

const described = (name: string) => ({
  'bom-ref': `${name}@1.0.0`,
  name,
  version: '1.0.0',
  purl: `pkg:npm/${name}@1.0.0`,
});

test('a package that npm does not put into its bill of materials is missed', () => {
  laidOut({ acme: {}, other: {} });
  answers('sbom', JSON.stringify(sbomOf(['acme'])));
  answers('audit', JSON.stringify(report({})));
  const ran = supply();
  expect(ran).toMatchObject({ status: 1, verdict: 'supply: failed' });
  expect(ran.stdout).toContain('licences: failed: npm sbom does not know other@1.0.0\n');
});

test('every package that the server runs with has a licence that is allowed', () => {
  for (const name of ['package.json', 'package-lock.json']) copyFileSync(join(root, name), join(folder, name));
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  answers('audit', JSON.stringify(report({})));
  expect(supply(ofThisMachine)).toMatchObject({ status: 0, verdict: 'supply: passed' });

  const direct = Object.keys(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).dependencies);
  const listed = written('licences.txt').trimEnd().split('\n');
  const { components, metadata } = JSON.parse(written('sbom.cdx.json'));
  const described = components.map((one: { name: string; version: string }) => `${one.name}\t${one.version}`);
  expect(listed.map((row) => row.split('\t', 1)[0])).toEqual(expect.arrayContaining(direct));
  expect(listed.map((row) => row.split('\t', 2).join('\t')).sort()).toEqual(described.sort());
  expect(metadata.component.name).toBe('countersign');
  // The format names itself by an address, and that is the only one.
  expect(written('sbom.cdx.json').match(/\w+:\/\/[^"]*/g)).toEqual([
    expect.stringMatching(/^http:\/\/cyclonedx\.org\//),
  ]);
});

const integrations: [sentence: string, answer: object, status: number, verdict: string][] = [
  ['passes with the check', report({}), 0, 'supply: passed'],
  ['fails with it', report(advisory('high')), 1, 'supply: failed'],
  ['reports that nobody could be asked, and passes', refused, 0, 'supply: not audited: the registry answered 405'],
];

test.each(integrations)(
  'continuous integration %s; its last line is that of the tests',
  (_, answer, status, verdict) => {
    laidOut({ acme: {} });
    for (const part of ['.ci', 'scripts']) cpSync(join(root, part), join(folder, part), { recursive: true });
    answers('ci', '');
    answers('test', '3 passed, 0 failed\n');
    answers('audit', JSON.stringify(answer));
    const ran = run(join(folder, '.ci/run'), [], standIn);
    expect(ran.status).toBe(status);
    expect(ran.stdout.trimEnd().split('\n').slice(-2)).toEqual([verdict, '3 passed, 0 failed']);
  },
);
