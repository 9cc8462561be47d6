import { join } from 'node:path';
import { expect, test } from 'vitest';
import { rows } from '../src/faces/smscx/errors.ts';
import { run, startDevelopment, temporaryDirectory } from './process.ts';
import { textOf } from './syntax.ts';

const document = 'docs/faces/smscx.md';

test(`the commands of ${document}, pasted beside development mode, verify a number`, { timeout: 60_000 }, async () => {
  using directory = temporaryDirectory();
  await using server = await startDevelopment(join(directory.path, 'data'));
  const blocks = [...textOf(document).matchAll(/^```sh\n(.*?)^```$/gms)].map(([, block = '']) => block);
  expect(blocks).toHaveLength(2);
  const script = blocks.join('\n').replace('http://127.0.0.1:8080', server.url);
  const { code, stdout, stderr } = await run('bash', ['--norc', '-euc', script]);
  expect([code, stderr]).toEqual([0, '']);
  expect(stdout).toContain('{"status":"VERIFIED"}');
  expect(stdout).toMatch(/"status":"VERIFIED","cost":0,/);
  expect(stdout).toContain('"billing":"postpaid"');
});

test(`${document} has every code that is not the vendor's, as it is answered`, () => {
  const text = textOf(document);
  const own = Object.entries(rows).filter(([code]) => Number(code) < 1100);
  expect(own).toHaveLength(10);
  const listed = own.filter(([code, [status, type]]) => text.includes(`| ${status}  | ${code} | \`${type}\` `));
  expect(listed).toEqual(own);
});
