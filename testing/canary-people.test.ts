import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Secret } from 'otpauth';
import { expect, test } from 'vitest';
import { createLog } from '../src/telemetry/log.ts';
import { type Metal, openMetal } from './metal.ts';
import { aNumber } from './numbers.ts';
import { aPerson, type Person, shownByApp } from './person.ts';
import { temporaryDirectory } from './process.ts';
import { found } from './secrets.ts';
import { until } from './until.ts';

/* The secrets of users go through a server, in the good ways and in the bad ones, and are then looked for. */

/** What users know, and what was guessed at it. The log, metrics, events, refusals and files are to know none of it. */
interface OfUsers {
  readonly secrets: string[];
  /** Digits that are too few to be looked for wherever digits may stand. */
  readonly digits: string[];
  /** Nobody but the user, and the store, needs them. */
  readonly recipients: string[];
  /** What is kept of passwords and tokens, in the store alone. */
  readonly digests: string[];
  /** Every answer that is not a success. */
  readonly refused: string[];
}

const wrongOfUsers = {
  password: 'canary wrong password 3fa1',
  code: 'ZQXJKVWMPT',
  token: `cst_${'ca'.repeat(16)}_${'4e'.repeat(32)}`,
  recoveryCode: 'zzqx-zzqx-zzqx-zzqx-zzqx-zzqx',
};

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

/** As an app is given it, and as it is computed with. */
const formsOf = (secret: string) => {
  const bytes = Buffer.from(Secret.fromBase32(secret).bytes);
  return [secret, bytes.toString('hex'), bytes.toString('base64').slice(0, -2), bytes.toString('latin1')];
};

function known(all: OfUsers, { tokens = [], recoveryCodes = [] }: Record<string, readonly string[]>): void {
  all.secrets.push(...tokens, ...tokens.map((token) => token.slice(-64)));
  all.digests.push(...tokens.map(sha256));
  const canonical = recoveryCodes.map((code) => code.replaceAll('-', ''));
  // A digest of a code is as good as sealed: it is in nothing that is kept, either.
  all.secrets.push(...recoveryCodes, ...canonical, ...canonical.map(sha256));
}

/** Second factors of a tenant's user: enrolled, shown, guessed at and taken away. */
async function throughTheNativeApi({ server, clock }: Metal, all: OfUsers): Promise<void> {
  const { alice, outbox } = server;
  const [phoneNumber, email] = [aNumber(), 'canary.native@canary.example'];
  const password = 'canary native password';
  all.secrets.push(password);
  all.recipients.push(phoneNumber, phoneNumber.slice(1), email);
  const refused = async (reply: Promise<{ readonly status: number; readonly text: string }>) => {
    const { status, text } = await reply;
    if (status >= 400) all.refused.push(text);
  };
  const key = (name: string) => ({ 'idempotency-key': `canary-${name}` });
  const who: Person = await aPerson(alice, { phoneNumber, email, password });

  const app = (
    await who.ask<{ id: string; secret: string; otpauthUri: string }>(
      ...(['POST', 'factors', { kind: 'totp', digits: 8, algorithm: 'SHA512' }, key('enrol')] as const),
    )
  ).body;
  const shown = () => shownByApp(app.otpauthUri, clock.wallMs());
  const first = shown();
  all.secrets.push(...formsOf(app.secret), first);
  await refused(who.activate(app.id, wrongOfUsers.code));
  expect((await who.activate(app.id, first)).body.result).toBe('activated');
  const { body } = await who.ask<{ codes: string[] }>('POST', 'recovery-codes', {}, key('codes'));
  known(all, { recoveryCodes: body.codes });
  await refused(who.ask('POST', 'factors', { kind: 'totp', digits: 8, algorithm: 'SHA512' }, key('enrol')));
  await refused(who.ask('POST', 'recovery-codes', {}, key('codes')));

  const sms = (await who.enrol({ kind: 'sms' })).body;
  const smsCode = await outbox.code(sms.verificationId ?? '');
  await who.activate(sms.id, smsCode);
  const challenge = (await who.challenge({ channel: 'sms' })).body;
  const challengeCode = await outbox.code(challenge.verificationId ?? '');
  all.secrets.push(smsCode, challengeCode);
  for (const code of [wrongOfUsers.code, wrongOfUsers.recoveryCode]) await who.check(challenge.id, code);
  await refused(who.check(challenge.id, `${challengeCode}${'!'.repeat(64)}`));
  await refused(alice.request('GET', `/v1/users/${who.id}/challenges/${challengeCode}`));
  await refused(alice.request('POST', `/v1/users/${who.id}/challenges/${challenge.id}/checks?code=${challengeCode}`));
  expect((await who.check(challenge.id, body.codes[0] ?? '')).body.result).toBe('verified');

  const asked = { body: { challengeId: challenge.id }, headers: key('session') };
  const session = (await alice.request<{ token: string }>('POST', '/v1/sessions', asked)).body.token;
  await refused(alice.request('POST', '/v1/sessions', asked));
  const given = { body: { description: 'canary' }, headers: key('token') };
  const token = (await alice.request<{ token: string }>('POST', `/v1/users/${who.id}/tokens`, given)).body.token;
  await refused(alice.request('POST', `/v1/users/${who.id}/tokens`, given));
  known(all, { tokens: [session, token] });
  for (const one of [session, token, wrongOfUsers.token]) {
    await alice.request('POST', '/v1/sessions/introspect', { body: { token: one } });
    await refused(alice.request('GET', '/v1/users', { headers: { authorization: `Bearer ${one}` } }));
    await refused(alice.request('DELETE', `/v1/sessions/${one}`));
    await refused(alice.request('POST', '/v1/sessions/revoke', { body: { token: one } }));
  }
  await refused(alice.request('PATCH', `/v1/users/${who.id}`, { body: { password: email } }));
  await refused(alice.request('PATCH', `/v1/users/${who.id}`, { raw: `{"password":"${password}"` }));
  clock.advance(60_000);
  const lastCode = shown();
  all.secrets.push(lastCode);
  expect((await who.check((await who.challenge()).body.id, lastCode)).body.result).toBe('verified');
}

/** The same by a user of its own, whose codes are part of paths and header fields. */
async function throughMetal(metal: Metal, all: OfUsers): Promise<void> {
  const password = 'canary metal password';
  const user = await metal.user({ password });
  const app = await user.app();
  const seed = new URL(app.uri).searchParams.get('secret') ?? '';
  all.secrets.push(password, ...formsOf(seed));
  all.recipients.push(user.email, user.phoneNumber ?? 'none');
  const ask = async (...[method, path, asked]: Parameters<typeof metal.ask>) => {
    const told = await metal.ask(method, path, { token: user.token, ...asked });
    if (told.status >= 400) all.refused.push(told.text);
    return told;
  };
  const verify = (code: string, token = user.token) => ask('POST', `/user/otp/verify/${code}`, { token });
  await ask('POST', '/user/otp/app', { otp: wrongOfUsers.code });
  all.digits.push(app.code(-1), app.code());
  expect((await ask('POST', '/user/otp/app', { otp: app.code(-1) })).status).toBe(200);
  const codes = await user.recoveryCodes();
  const halfOpen = await user.session();
  const sms = await user.sms({ token: halfOpen });
  const replaced = await user.sms();
  all.secrets.push(sms, replaced);
  await verify(sms, halfOpen);
  await verify(wrongOfUsers.code, halfOpen);
  const complete = (await verify(codes[0] ?? '', halfOpen)).headers.get('x-auth-token') ?? '';
  const another = (await verify(app.code(), complete)).headers.get('x-auth-token') ?? '';
  known(all, { tokens: [user.token, halfOpen, complete, another], recoveryCodes: codes });
  for (const path of [`verify/${codes[1]}/%zz`, `verified/${codes[1]}`, `sms/${replaced}`]) {
    await ask('POST', `/user/otp/${path}`);
    await ask('GET', `/user/otp/${path}?token=${complete}`);
  }
  await metal.login(user.email, wrongOfUsers.password);
  await metal.login(`${wrongOfUsers.password}@canary.example`, password);
  await ask('GET', '/user', { token: wrongOfUsers.token });
  await ask('PUT', '/user', { text: `{"password":"${wrongOfUsers.password}"` });
  // Broken inside: what failed is logged, and with what it was doing.
  const { queries } = metal.server.parts.store;
  const { factors } = queries;
  queries.factors = async () => {
    throw new Error(`factors of ${user.email} ${user.phoneNumber} by ${complete}`, {
      cause: new Error(`POST /metal/v1/user/otp/verify/${codes[1]} x-auth-token: ${another}`),
    });
  };
  expect((await ask('GET', '/user')).status).toBe(500);
  queries.factors = factors;
  const renewed = (await ask('POST', '/user/otp/recovery-codes')).body.recovery_codes as string[];
  known(all, { recoveryCodes: renewed });
  expect((await ask('DELETE', '/user/otp/app', { otp: renewed[0] })).status).toBe(204);
}

test('nothing that users know reaches the log, the metrics, the audit trail, events, refusals or files', {
  timeout: 60_000,
}, async () => {
  const lines: string[] = [];
  const told: string[] = [];
  using directory = temporaryDirectory();
  await using metal = await openMetal({
    logged: createLog('info', (line) => lines.push(line)),
    directory: directory.path,
    webhookTransport: {
      async post(call) {
        told.push(JSON.stringify(call));
        return { kind: 'answered', status: 204 };
      },
    },
  });
  const { server } = metal;
  const { tenantId } = server.alice;
  const by = { name: 'operator test' };
  // Long codes of letters, which stand nowhere by chance.
  const codePolicy = { length: 10, alphabet: 'letters' } as const;
  await server.parts.administration.changeService({ tenantId, by }, 'default', { codePolicy });
  await server.alice.request('POST', '/v1/webhook-endpoints', { body: { url: 'https://hooks.example/canary' } });
  const all: OfUsers = { secrets: Object.values(wrongOfUsers), digits: [], recipients: [], digests: [], refused: [] };
  await throughTheNativeApi(metal, all);
  await throughMetal(metal, all);

  await server.rows();
  await until('the last event to be told', () => told.some((call) => call.includes('factor.removed')) || undefined);
  const audit = JSON.stringify(await server.parts.store.queries.audit(tenantId, 0, 1000));
  const metrics = await (await fetch(`${server.url}/metrics`)).text();
  expect(lines.join('')).toContain('a request failed');
  expect(all.refused.length).toBeGreaterThan(20);
  expect(audit).toContain('renew-recovery-codes');
  const places = { log: lines.join(''), metrics, audit, events: told.join(''), refused: all.refused.join('') };
  const { secrets, digests, recipients, digits } = all;
  for (const [place, text] of Object.entries(places)) {
    expect([place, found(text, [...secrets, ...digests, ...recipients])]).toEqual([place, []]);
    expect([place, digits.filter((code) => new RegExp(`(?<![\\w.])${code}(?!\\w)`).test(text))]).toEqual([place, []]);
  }
  const inFiles = readdirSync(directory.path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => readFileSync(join(parentPath, name)).toString('latin1'))
    .join('\n');
  expect(found(inFiles, secrets)).toEqual([]);
  expect(found(inFiles, digests)).toEqual(digests);
});
