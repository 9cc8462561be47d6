import { join } from 'node:path';
import { expect, test } from 'vitest';
import { run, startDevelopment, temporaryDirectory } from '../../../testing/process.ts';
import { textOf } from '../../../testing/syntax.ts';
import { codes } from './errors.ts';

const page = textOf('docs/faces/ding.md');

test('what the document tells to paste does what it says, against development mode', { timeout: 60_000 }, async () => {
  using directory = temporaryDirectory();
  await using server = await startDevelopment(join(directory.path, 'data'));
  const [, block = ''] = /```sh\n(.*?)```/s.exec(page) ?? [];
  const pasted = block.replace('http://127.0.0.1:8080', server.url);
  expect(pasted).toContain(server.url);
  const { code, stdout, stderr } = await run('/bin/sh', ['-c', pasted]);
  expect([code, stderr]).toEqual([0, '']);
  const answers = stdout
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(answers.map(({ status }) => status)).toEqual(['pending', 'valid', undefined]);
  const events = answers[2]?.events as { readonly type: string; readonly status: string }[];
  expect(events.map(({ type, status }) => `${type} ${status}`)).toEqual([
    'attempt delivered',
    'delivery_status delivered',
    'check valid',
  ]);
});

test('the document names every error code', () => {
  expect(Object.keys(codes).filter((code) => !page.includes(`\`${code}\``))).toEqual([]);
});
