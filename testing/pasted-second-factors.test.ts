import { expect, test } from 'vitest';
import { shownByApp } from './person.ts';
import { startDevelopment, startProcess, temporaryDirectory } from './process.ts';
import { textOf } from './syntax.ts';
import { until } from './until.ts';

const document = 'docs/second-factors.md';
const stepMs = 30_000;

test(`the commands of ${document}, pasted one after the other, enrol an app and log in`, {
  timeout: 90_000,
}, async () => {
  using directory = temporaryDirectory();
  await using server = await startDevelopment(directory.path);
  const blocks = [...textOf(document).matchAll(/^```sh\n(.*?)^```$/gms)].map(([, block = '']) => block);
  expect(blocks).toHaveLength(7);
  const script = blocks.join('\n').replace('http://127.0.0.1:8080', server.url);
  await using shell = startProcess('bash', ['--norc', '-euc', `cd ${directory.path}\n${script}`]);
  const asked = (question: string) =>
    until(question, () => (shell.stdout.includes(question) ? true : undefined), 30_000);

  await asked('Code of the app: ');
  const uri = /^otpauth:.*$/m.exec(shell.stdout)?.[0];
  shell.type(shownByApp(uri, Date.now()));
  await asked('Next code of the app: ');
  // The app of somebody with more patience shows it half a minute later.
  shell.type(shownByApp(uri, Date.now() + stepMs));

  expect([(await shell.ended).code, shell.stderr]).toEqual([0, '']);
  const said = shell.stdout;
  expect(said.match(/"result":"\w+"/g)).toEqual([
    '"result":"activated"',
    '"result":"verified"',
    '"result":"verified"',
    '"result":"activated"',
  ]);
  expect(said.match(/"active":\w+/g)).toEqual(['"active":true', '"active":false']);
  expect(said.match(/^([0-9a-z]{4}-){5}[0-9a-z]{4}$/gm)).toHaveLength(10);
  expect(said).toMatch(/"proof":\{"kind":"recovery_code","factorId":null\},"attemptsLeft":0,"recoveryCodesLeft":9/);
  expect(said).toContain("[ 'totp active', 'sms active' ]");
});
