import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { processTerminal } from './terminal.ts';

function aTerminal() {
  const streams = { stdin: new PassThrough(), stdout: new PassThrough(), stderr: new PassThrough() };
  const terminal = processTerminal(streams as unknown as Parameters<typeof processTerminal>[0]);
  return { ...streams, terminal };
}

test('asks on standard error, so that standard output stays what a program reads', async () => {
  const { terminal, stdin, stdout, stderr } = aTerminal();
  const answer = terminal.prompt('Go on? ');
  stdin.write('yes\n');
  expect(await answer).toBe('yes');
  expect(String(stderr.read())).toContain('Go on? ');
  expect(stdout.read()).toBeNull();
});

test('what is hidden is asked for and not shown', async () => {
  const { terminal, stdin, stdout, stderr } = aTerminal();
  Object.assign(stdin, { isTTY: true, setRawMode: () => stdin });
  const answer = terminal.prompt('Password: ', 'hidden');
  stdin.write('chosen by her\r');
  expect(await answer).toBe('chosen by her');
  expect(String(stderr.read())).toBe('Password: \n');
  expect(stdout.read()).toBeNull();
});

test('somebody who leaves has answered nothing', async () => {
  const { terminal, stdin } = aTerminal();
  const answer = terminal.prompt('Go on? ');
  stdin.end();
  expect(await answer).toBe('');
});

test('reads standard input to its end, and no more than a code can be', async () => {
  const short = aTerminal();
  short.stdin.end('123456\n');
  expect(await short.terminal.readInput()).toBe('123456\n');

  const long = aTerminal();
  long.stdin.end('1'.repeat(5000));
  await expect(long.terminal.readInput()).rejects.toThrow('standard input holds more than 4096 characters');
});

test('a reader that has gone ends nothing', () => {
  const { stdout, stderr } = aTerminal();
  for (const stream of [stdout, stderr]) expect(stream.emit('error', new Error('EPIPE'))).toBe(true);
});
