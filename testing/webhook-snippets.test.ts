import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { shownSecret, webhookSignature } from '../src/domain/webhook-signature.ts';
import { temporaryDirectory } from './process.ts';
import { textOf } from './syntax.ts';

type IsGenuine = (headers: Readonly<Record<string, string>>, rawBody: Buffer, secret: string) => boolean;

const id = '01a1fb3d-8303-8484-ab6e-32f17a3223fc';
const [secret, other] = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)];
const body = '{"recipient":"+33…78"}';

function headersAt(seconds: number, secrets: readonly Buffer[]) {
  const signature = webhookSignature(secrets, id, seconds, body);
  return { 'webhook-id': id, 'webhook-timestamp': String(seconds), 'webhook-signature': signature };
}

test('what docs/webhooks.md shows for Node takes what the server signs, and nothing else', async () => {
  const [, code = ''] = /^```js\n(.*?)^```$/ms.exec(textOf('docs/webhooks.md')) ?? [];
  using directory = temporaryDirectory();
  const file = join(directory.path, 'receiver.mjs');
  writeFileSync(file, code);
  const { isGenuine } = (await import(pathToFileURL(file).href)) as { readonly isGenuine: IsGenuine };
  const now = Math.floor(Date.now() / 1000);
  const asks = (headers: Readonly<Record<string, string>>, text = body, key = secret) =>
    isGenuine(headers, Buffer.from(text), shownSecret(key));
  expect(asks(headersAt(now, [secret]))).toBe(true);
  expect(asks(headersAt(now, [other, secret]))).toBe(true);
  expect(asks(headersAt(now, [other]))).toBe(false);
  expect(asks(headersAt(now, [secret]), `${body} `)).toBe(false);
  expect(asks({ ...headersAt(now, [secret]), 'webhook-id': 'another' })).toBe(false);
  expect(asks(headersAt(now - 301, [secret]))).toBe(false);
  expect(asks({ ...headersAt(now, [secret]), 'webhook-signature': 'v1,' })).toBe(false);
});
