import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { aMessage } from '../../../testing/builders.ts';
import { startProcess, temporaryDirectory } from '../../../testing/process.ts';
import { textOf } from '../../../testing/syntax.ts';
import { until } from '../../../testing/until.ts';
import { gatewayProvider } from './gateway.ts';

/* The receiver of docs/channels.md, run as it stands there. */

const [, receiver = ''] = /```js\n(\/\/ receiver\.mjs.*?)```/s.exec(textOf('docs/channels.md')) ?? [];
const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
const call = { signal: AbortSignal.timeout(20_000) };

function startReceiver(path: string, env: Readonly<Record<string, string>>) {
  const file = join(path, 'receiver.mjs');
  writeFileSync(file, receiver);
  return startProcess(process.execPath, [file], { PORT: '0', ...env });
}

test('the receiver of the documentation takes a message once, and only from who knows the secret', async () => {
  using directory = temporaryDirectory();
  await using own = startReceiver(directory.path, { GATEWAY_SECRET: secret });
  const port = await until('the receiver to listen', () => /listening on port ([0-9]+)/.exec(own.stdout)?.[1]);
  const url = `http://127.0.0.1:${port}`;
  const provider = gatewayProvider('own', { url, secret });
  const stranger = gatewayProvider('own', { url, secret: secret.replace('B', 'C') });
  const late = gatewayProvider('own', { url, secret }, () => Date.now() - 3_600_000);
  const message = aMessage({ recipient: '+33612345678', text: '123456 is yours' });

  const accepted = { kind: 'accepted', providerMessageId: message.reference };
  for (const _ of ['first', 'again']) expect(await provider.send(message, call)).toEqual(accepted);
  const refused = { kind: 'unavailable', reason: 'gateway-401' };
  expect(await stranger.send(aMessage(), call)).toEqual(refused);
  expect(await late.send(aMessage(), call)).toEqual(refused);
  await Promise.all([provider, stranger, late].map((each) => each.close?.()));

  await until('the message', () => (own.stdout.includes('sms to') ? true : undefined));
  expect(own.stdout.match(/sms to .*/g)).toEqual(['sms to +33612345678: 123456 is yours']);
  expect(own.stderr).toBe('');
});

test('the receiver of the documentation does not start without a secret', async () => {
  using directory = temporaryDirectory();
  await using own = startReceiver(directory.path, {});
  expect((await own.ended).code).toBe(1);
  expect(own.stderr).toContain('set GATEWAY_SECRET');
});
