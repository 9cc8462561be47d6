import { expect, test } from 'vitest';
import { pathsBelow, textOf } from './syntax.ts';

/* What holds of the repository as a whole: its manifest, its lockfile, its tests. */

interface Manifest {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
  readonly allowScripts: Readonly<Record<string, boolean>>;
}

interface Locked {
  readonly resolved?: string;
  readonly integrity?: string;
  readonly link?: boolean;
  readonly hasInstallScript?: boolean;
}

const manifest: Manifest = JSON.parse(textOf('package.json'));
const locked: Readonly<Record<string, Locked>> = JSON.parse(textOf('package-lock.json')).packages;

test.each([
  ['Run time', manifest.dependencies],
  ['Development', manifest.devDependencies],
])('docs/dependencies.md lists every direct dependency and no other: %s', (heading, dependencies) => {
  const section =
    textOf('docs/dependencies.md')
      .split(/^## /m)
      .find((text) => text.startsWith(`${heading}\n`)) ?? '';
  const listed = [...section.matchAll(/^\| `([^`]+)` +\|/gm)].map(([, name]) => name);
  expect(listed.sort()).toEqual(Object.keys(dependencies).sort());
});

test('the lockfile says what is installed and not where from, so that any registry will do', () => {
  const packages = Object.entries(locked).filter(([path]) => path !== '');
  expect(packages.length).toBeGreaterThan(50);
  expect(packages.filter(([, { resolved }]) => resolved !== undefined)).toEqual([]);
  expect(packages.filter(([, { integrity }]) => integrity === undefined)).toEqual([]);
});

test('only packages named in allowScripts run a script when they are installed', () => {
  const scripted = Object.entries(locked).filter(([, { hasInstallScript }]) => hasInstallScript === true);
  const names = scripted.map(([path]) => path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length));
  expect(names.sort()).toEqual(Object.keys(manifest.allowScripts).sort());
});

test('no test is left out', () => {
  const tests = ['src', 'testing', 'bench'].flatMap(pathsBelow).filter((path) => path.endsWith('.test.ts'));
  const leftOut = /\b(?:test|it|describe|suite|bench)(?:\.\w+)*\.(?:skip|only|todo|skipIf|runIf|fails)\b/;
  expect(tests.length).toBeGreaterThan(10);
  expect(tests.filter((path) => leftOut.test(textOf(path)))).toEqual([]);
});
