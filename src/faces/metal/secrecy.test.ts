import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { openMetal } from '../../../testing/metal.ts';
import { createLog } from '../../telemetry/log.ts';

/* Codes are part of the path here, which logs of requests usually hold. */

const canary = 'zqxjkvwmpt';

test('no code, seed, token or password reaches the log, the metrics or the database', async () => {
  const lines: string[] = [];
  await using metal = await openMetal({ logged: createLog('info', (line) => lines.push(line)) });
  const password = 'canary password of somebody';
  const user = await metal.user({ password });
  const app = await user.app();
  const seed = new URL(app.uri).searchParams.get('secret') ?? '';
  await user.ask('POST', '/user/otp/app', { otp: app.code(-1) });
  const codes = await user.recoveryCodes();
  const [spent = '', unspent = ''] = codes;
  const session = await user.session();
  const sms = await user.sms();
  const shown = [await user.verify(sms), await user.verify(spent, session), await user.verify(canary)];
  expect(shown.map(({ status }) => status)).toEqual([204, 204, 400]);
  await metal.login(user.email, `${canary} ${canary}`);

  // Broken inside: what failed is logged, and with what it was doing.
  const { own, sessions } = metal.server.parts.people;
  const { verify } = own;
  own.verify = async (caller, code) => {
    throw new Error(`of ${caller.userId}`, { cause: new Error(`POST /metal/v1/user/otp/verify/${code} failed`) });
  };
  expect((await user.verify(unspent)).status).toBe(500);
  expect((await user.verify(sms)).status).toBe(500);
  own.verify = verify;
  const { ofToken } = sessions;
  sessions.ofToken = async (token) => {
    throw new Error(`no session of ${token}`);
  };
  expect((await user.verify(unspent)).status).toBe(500);
  sessions.ofToken = ofToken;
  for (const path of [`/user/otp/verify/${unspent}/%zz`, `/user/otp/verified/${unspent}`]) await user.ask('POST', path);
  await user.ask('GET', `/user/otp/verify/${unspent}`);

  expect(lines.join('')).toContain('a request failed');
  const metrics = await (await fetch(`${metal.server.url}/metrics`)).text();
  const tokens = [user.token, session, ...shown.map(({ headers }) => headers.get('x-auth-token') ?? canary)];
  const secrets = [canary, password, seed, sms, ...codes, ...tokens.map((token) => token.slice(-64))];
  const written = [lines.join(''), metrics];
  for (const secret of secrets) for (const text of written) expect(text.includes(secret)).toBe(false);

  await metal.server.rows();
  const { file } = metal.server;
  const stored = [file, `${file}-wal`].map((path) => readFileSync(path).toString('latin1')).join('');
  for (const secret of secrets.filter((one) => one !== sms)) expect(stored.includes(secret)).toBe(false);
});

test('the audit trail tells who enabled, disabled, renewed and read, and no secret', async () => {
  await using metal = await openMetal();
  const user = await metal.user();
  await user.sms();
  await user.enableApp();
  const codes = await user.recoveryCodes();
  const renewed = (await user.ask('POST', '/user/otp/recovery-codes')).body.recovery_codes as string[];
  await user.ask('DELETE', '/user/otp/app', { otp: renewed[0] });
  const entries = await metal.server.parts.store.queries.audit(metal.server.alice.tenantId, 0, 100);
  const own = entries.filter(({ actor }) => actor === `user ${user.id}`);
  expect(own.map(({ action }) => action)).toEqual([
    'enrol-factor',
    'enrol-factor',
    'activate-factor',
    'read-recovery-codes',
    'renew-recovery-codes',
    'remove-factor',
  ]);
  for (const { target, address } of own) expect([target, address]).toEqual([`user ${user.id}`, '127.0.0.1']);
  const text = JSON.stringify(entries);
  for (const secret of [...codes, ...renewed, user.phoneNumber ?? '']) expect(text).not.toContain(secret);
});
