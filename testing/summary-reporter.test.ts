import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';

const root = fileURLToPath(new URL('../', import.meta.url));
let folder = '';

beforeEach(() => {
  // Below node_modules, so that the tests written here find vitest.
  const cache = join(root, 'node_modules/.cache');
  mkdirSync(cache, { recursive: true });
  folder = mkdtempSync(join(cache, 'summary-'));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Runs the tests of these files with the reporter, in a process of its own. */
function run(files: Readonly<Record<string, string>>) {
  const reporter = join(root, 'testing/summary-reporter.ts');
  const config = `import { SummaryReporter } from '${reporter}';
    export default { test: { reporters: ['default', new SummaryReporter()] } };`;
  writeFileSync(join(folder, 'vitest.config.ts'), config);
  for (const [name, text] of Object.entries(files)) {
    writeFileSync(join(folder, name), `import { expect, test } from 'vitest';\n${text}`);
  }
  const command = [join(root, 'node_modules/vitest/vitest.mjs'), 'run', '--root', folder];
  const { status, stdout } = spawnSync(process.execPath, command, { encoding: 'utf8', timeout: 25_000 });
  return { status, lastLine: stdout.trimEnd().split('\n').at(-1) };
}

const passing = `test('one', () => expect(1).toBe(1)); test('two', () => expect(2).toBe(2));`;

test('says on the last line how many tests passed', () => {
  expect(run({ 'a.test.ts': passing })).toEqual({ status: 0, lastLine: '2 passed, 0 failed' });
});

test('counts failed tests and files that cannot be loaded, and leaves the exit status as it is', () => {
  const result = run({
    'a.test.ts': passing,
    'b.test.ts': `test('three', () => expect(1).toBe(2));`,
    'c.test.ts': `throw new Error('broken');`,
  });
  expect(result).toEqual({ status: 1, lastLine: '2 passed, 2 failed' });
});

test('counts an error that no test caught', () => {
  const late = `test('four', async () => {
    setTimeout(() => { throw new Error('late'); });
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(1).toBe(1);
  });`;
  expect(run({ 'a.test.ts': late })).toEqual({ status: 1, lastLine: '1 passed, 1 failed' });
});
