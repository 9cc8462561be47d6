import { expect, test } from 'vitest';
import { startDevelopment, startProcess, temporaryDirectory } from './process.ts';
import { textOf } from './syntax.ts';

/* What the pages on the faces of other vendors have their readers paste, pasted against development mode. */

const pages: [page: string, ending: RegExp][] = [
  ['docs/faces/smsworks.md', /"status":"VERIFIED","passcode":[1-9]/],
  ['docs/faces/metal.md', /"two_factor_auth":"sms"[\s\S]*"phone_number":"\+33612000077","last_login_at"[^\n]*\n$/],
];

test.each(pages)('the commands of %s work as they stand there', { timeout: 60_000 }, async (page, ending) => {
  using directory = temporaryDirectory();
  await using server = await startDevelopment(directory.path);
  const [, block = ''] = /^```sh\n(.*?)^```$/ms.exec(textOf(page)) ?? [];
  expect(block).toContain('BASE=http://127.0.0.1:8080\n');
  const script = block.replace('http://127.0.0.1:8080', server.url);
  const shell = startProcess('bash', ['-e', '-c', script]);
  expect((await shell.ended).code).toBe(0);
  expect(shell.stdout).toMatch(ending);
});
