import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { createLog } from '../src/telemetry/log.ts';
import { openMetal } from './metal.ts';
import { temporaryDirectory } from './process.ts';
import { openReceiver } from './receiver.ts';
import { anEndpoint } from './webhooks.ts';

/* The secrets of users go through a server, in the good ways and in the bad ones, and are then looked for. */

const base32Letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

function bytesOf(base32: string): Buffer {
  const bits = [...base32].map((letter) => base32Letters.indexOf(letter).toString(2).padStart(5, '0')).join('');
  return Buffer.from(bits.match(/.{8}/g)?.map((byte) => Number.parseInt(byte, 2)) ?? []);
}

/** How a secret may be spelled where it should not be. The last characters of base64 depend on what follows. */
function spellings(secret: string | Buffer): string[] {
  const bytes = Buffer.from(secret);
  const ends = (['base64', 'base64url'] as const).map((form) => bytes.toString(form).replace(/=+$/, '').slice(0, -1));
  const plain = typeof secret === 'string' ? [secret, secret.toLowerCase(), encodeURIComponent(secret)] : [];
  return [...plain, bytes.toString('latin1'), bytes.toString('hex'), ...ends];
}

const found = (text: string, secrets: readonly (string | Buffer)[]) =>
  secrets.filter((secret) => spellings(secret).some((spelled) => text.includes(spelled)));
const filesOf = (file: string) => [file, `${file}-wal`].map((path) => readFileSync(path).toString('latin1')).join('\n');

test('no secret of a user reaches the log, the metrics, a webhook, the audit trail or the database', async () => {
  const lines: string[] = [];
  using directory = temporaryDirectory();
  await using receiver = await openReceiver();
  const logged = createLog('info', (line) => lines.push(line));
  const options = { logged, directory: directory.path, callbacks: 'anywhere' } as const;
  await using metal = await openMetal(options);
  const { server } = metal;
  const password = 'canary password 71ce';
  const wrongPassword = 'canary wrong password 92df';
  const wrongCode = 'zzzzzzzzzz';
  await anEndpoint(server, receiver.url, { fullRecipient: true });

  const user = await metal.user({ password });
  const app = await user.enableApp();
  const seed = new URL(app.uri).searchParams.get('secret') ?? '';
  const older = await user.recoveryCodes();
  await user.ask('POST', '/user/otp/recovery-codes');
  const codes = await user.recoveryCodes();
  const halfOpen = await user.session();
  await metal.login(user.email, wrongPassword);
  await user.verify(wrongCode, halfOpen);
  await user.verify(older[0] ?? '', halfOpen);
  const complete = (await user.verify(codes[0] ?? '', halfOpen)).headers.get('x-auth-token') ?? '';
  await user.ask('DELETE', '/user/otp/app', { otp: wrongCode });
  // Broken inside: what failed is logged, and with what it was doing.
  const { queries } = server.parts.store;
  const { session } = queries;
  Object.assign(queries, {
    session: async () => {
      throw new Error(`X-Auth-Token: ${complete}, Bearer ${user.token}`, { cause: new Error(halfOpen) });
    },
  });
  expect((await user.ask('GET', '/user')).status).toBe(500);
  Object.assign(queries, { session });
  await server.rows();

  const kept = [password, wrongPassword, user.token, halfOpen, complete, seed, bytesOf(seed), ...older, ...codes];
  expect(kept.filter((secret) => secret.length < 10)).toEqual([]);
  const metrics = await (await fetch(`${server.url}/metrics`)).text();
  const audit = JSON.stringify(await server.parts.store.queries.audit(server.alice.tenantId, 0, 500));
  const told = (await receiver.calls(8)).map(({ text }) => text).join();
  const log = lines.join('');
  expect(log).toContain('a request failed');
  for (const text of [log, metrics, audit, told, filesOf(server.file)]) expect(found(text, kept)).toEqual([]);
  const personal = [user.email, user.phoneNumber ?? ''];
  for (const text of [log, metrics, audit]) expect(found(text, personal)).toEqual([]);
  expect(found(filesOf(server.file), personal)).toEqual(personal);
});
