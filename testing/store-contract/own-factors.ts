import { expect, test } from 'vitest';
import { aCheck, freshNumber, tenantId, times } from '../builders.ts';
import {
  aCodeToOwnNumber,
  aDisabling,
  aLogin,
  anAppEnrolment,
  anEnabling,
  anOwnUser,
  aProof,
  codeTo,
  factorsOf,
  type OwnUser,
  storedUser,
  withApp,
} from '../own-users.ts';
import { by } from './administrative.ts';
import { type OpenStore, run, runAtOnce, type StoreUnderTest, stored, tally } from './given.ts';

/* What users do about their own second factors, as deciders in the store. */

const readCodes = async (given: StoreUnderTest, { userId }: OwnUser) => {
  const read = await run(given, { kind: 'read-own-codes', tenantId, userId, by });
  return read.kind === 'recovery-codes' ? read.codes : [];
};
const statuses = async (given: StoreUnderTest, user: OwnUser) =>
  (await factorsOf(given, user)).map(({ kind, status }) => `${kind} ${status}`);

export function ownFactorContract(open: OpenStore): void {
  test.each([1, 20])(
    'takes one code of an app once when it comes two hundred times, in batches of %i',
    async (size) => {
      await using given = await open();
      const user = await anOwnUser(given);
      const code = await withApp(given, user);
      const now = code(given.clock.wallMs());
      const outcomes = await runAtOnce(
        given,
        times(200, () => aProof(user, now)),
        size,
      );
      // From the fifth wrong one on nothing is compared any more.
      expect(tally(outcomes)).toEqual({ opened: 1, 'wrong-code': 5, paused: 194 });
    },
  );

  test('takes a recovery code once when it comes a hundred times', async () => {
    await using given = await open();
    const user = await anOwnUser(given);
    await withApp(given, user);
    const [code = ''] = await readCodes(given, user);
    const outcomes = await runAtOnce(
      given,
      times(100, () => aProof(user, code)),
      10,
    );
    expect(tally(outcomes)).toMatchObject({ opened: 1 });
    expect(await readCodes(given, user)).not.toContain(code);
  });

  test('enables one thing once, whatever comes at once', async () => {
    await using given = await open();
    const user = await anOwnUser(given);
    const { code, ...enrolment } = anAppEnrolment(user);
    await run(given, enrolment);
    const sent = await codeTo(given, user);
    const byApp = { factorKind: 'totp', code: code(given.clock.wallMs()) } as const;
    const enablings = times(40, (at) => anEnabling(user, at % 2 === 0 ? byApp : { factorKind: 'sms', code: sent }));
    expect(tally(await runAtOnce(given, enablings, 4))).toEqual({ enabled: 1, 'already-enabled': 39 });
    expect((await statuses(given, user)).filter((status) => status.endsWith('active'))).toHaveLength(1);
    expect((await storedUser(given, user)).recovery).toMatchObject({ form: 'shown', count: 10, version: 1 });
  });

  test('disables once, and enables nothing meanwhile that was not enrolled anew', async () => {
    await using given = await open();
    const user = await anOwnUser(given);
    const code = await withApp(given, user);
    const given1 = { factorKind: 'totp', code: code(given.clock.wallMs()) } as const;
    const commands = times(40, (at) => (at % 2 === 0 ? aDisabling(user, given1) : anEnabling(user, given1)));
    const outcomes = tally(await runAtOnce(given, commands, 4));
    expect(outcomes).toMatchObject({ disabled: 1 });
    expect(outcomes).not.toHaveProperty('enabled');
    expect(await statuses(given, user)).toEqual([]);
    expect((await storedUser(given, user)).recovery).toBeUndefined();
  });

  test('ends a half-open session by the proof, which is good for one session alone', async () => {
    await using given = await open();
    const user = await anOwnUser(given);
    await withApp(given, user);
    const [first = '', second = ''] = await readCodes(given, user);
    const sessionId = await aLogin(given, user);
    expect(await given.store.queries.session(sessionId)).toMatchObject({ state: 'half-open' });
    const proof = aProof({ ...user, sessionId }, first);
    expect(await run(given, proof)).toEqual({ kind: 'opened' });
    const { queries } = given.store;
    expect(await queries.session(sessionId)).toHaveProperty('revokedAtMs', given.clock.wallMs());
    expect(await queries.session(proof.opened.id)).toMatchObject({ state: 'complete', proof: 'recovery-code' });
    expect(await run(given, aProof({ ...user, sessionId }, second))).toEqual({ kind: 'not-found' });
    expect(await readCodes(given, user)).toContain(second);
  });

  test('puts a newer code in the place of an older one at once, whose attempts go on counting', async () => {
    await using given = await open();
    const user = await anOwnUser(given);
    const older = aCodeToOwnNumber(user);
    expect(await run(given, older)).toEqual({ kind: 'sent' });
    expect(await run(given, aProof(user, '1234'))).toEqual({ kind: 'wrong-code' });
    const newer = aCodeToOwnNumber(user);
    expect(await run(given, newer)).toEqual({ kind: 'sent' });
    expect(await stored(given, older.create.requested.id)).toMatchObject({ status: 'cancelled' });
    expect(await stored(given, newer.create.requested.id)).toMatchObject({ status: 'pending', attemptsUsed: 1 });
    expect(await run(given, aProof(user, older.code))).toEqual({ kind: 'wrong-code' });
    expect(await run(given, aProof(user, newer.code))).toEqual({ kind: 'opened' });
    expect(await run(given, aProof(user, newer.code))).toEqual({ kind: 'wrong-code' });
    expect(await statuses(given, user)).toEqual(['sms pending']);
  });

  test('a code to an older number proves nothing; nor is one sent there', async () => {
    await using given = await open();
    const user = await anOwnUser(given);
    const code = await codeTo(given, user);
    const { email } = await storedUser(given, user);
    const phoneNumber = freshNumber();
    const changes = { phoneNumber };
    await run(given, { kind: 'change-user', tenantId, by, id: user.userId, changes, emailSeen: email });
    expect(await run(given, anEnabling(user, { factorKind: 'sms', code }))).toEqual({ kind: 'wrong-code' });
    expect(await run(given, aProof(user, code))).toEqual({ kind: 'wrong-code' });
    expect(await run(given, aCodeToOwnNumber(user))).toEqual({ kind: 'moved' });
    const moved = { ...user, phoneNumber };
    expect(await run(given, anEnabling(user, { factorKind: 'sms', code: await codeTo(given, moved) }))).toEqual({
      kind: 'enabled',
    });
    expect((await factorsOf(given, user)).map(({ recipient }) => recipient)).toEqual([phoneNumber]);
  });

  test('a secret that waits to be enabled is replaced by a newer one, and is of no use after a day', async () => {
    await using given = await open();
    const user = await anOwnUser(given);
    const [older, newer] = [anAppEnrolment(user), anAppEnrolment(user)];
    for (const { code: _, ...enrolment } of [older, newer]) await run(given, enrolment);
    expect(await statuses(given, user)).toEqual(['totp pending']);
    const enable = (code: string) => run(given, anEnabling(user, { factorKind: 'totp', code }));
    expect(await enable(older.code(given.clock.wallMs()))).toEqual({ kind: 'wrong-code' });
    given.clock.advance(86_400_000);
    expect(await enable(newer.code(given.clock.wallMs()))).toEqual({ kind: 'wrong-code' });
  });

  test('a step that enabled an app is never accepted again, wherever the clock goes', async () => {
    await using given = await open();
    const user = await anOwnUser(given);
    const { code, ...enrolment } = anAppEnrolment(user);
    await run(given, enrolment);
    const now = given.clock.wallMs();
    expect(await run(given, anEnabling(user, { factorKind: 'totp', code: code(now) }))).toEqual({ kind: 'enabled' });
    for (const stepMs of [0, -3_600_000, 3_600_000]) {
      given.clock.stepWall(stepMs);
      expect(await run(given, aProof(user, code(now)))).toEqual({ kind: 'wrong-code' });
    }
  });

  test('a code that is under way is cancelled with the factor that a recovery code takes away', async () => {
    await using given = await open();
    const user = await anOwnUser(given);
    await run(given, anEnabling(user, { factorKind: 'sms', code: await codeTo(given, user) }));
    const [recoveryCode = ''] = await readCodes(given, user);
    const { code, ...send } = aCodeToOwnNumber(user);
    await run(given, send);
    const disabling = aDisabling(user, { factorKind: 'sms', code: recoveryCode });
    expect(await run(given, disabling)).toEqual({ kind: 'disabled' });
    const check = aCheck({ verificationId: send.create.requested.id, code });
    expect(await run(given, check)).toMatchObject({ kind: 'cancelled' });
  });

  test('a hundred failures disable an app, which is still asked for, and leaves for a recovery code alone', async () => {
    await using given = await open();
    const user = await anOwnUser(given);
    const code = await withApp(given, user);
    const [recoveryCode = ''] = await readCodes(given, user);
    for (let failures = 0; failures < 100; failures++) {
      expect(await run(given, aProof(user, '1234'))).toEqual({ kind: 'wrong-code' });
      given.clock.advance(3_600_000);
    }
    expect(await statuses(given, user)).toEqual(['totp disabled']);
    const { action, actor, target, after } = (await given.store.queries.audit(tenantId, 0, 1000)).at(-1) ?? {};
    expect([action, actor, target]).toEqual(['disable-factors', by.name, `user ${user.userId}`]);
    expect(after).toContain('"status":"disabled"');
    expect(await run(given, aDisabling(user, { factorKind: 'totp', code: code(given.clock.wallMs()) }))).toEqual({
      kind: 'wrong-code',
    });
    const { code: _, ...enrolment } = anAppEnrolment(user);
    expect(await run(given, enrolment)).toEqual({ kind: 'already-enabled' });
    expect(await given.store.queries.session(await aLogin(given, user))).toMatchObject({ state: 'half-open' });
    given.clock.advance(3_600_000);
    expect(await run(given, aDisabling(user, { factorKind: 'totp', code: recoveryCode }))).toEqual({
      kind: 'disabled',
    });
    expect(await statuses(given, user)).toEqual([]);
  });

  test('the verification of such a code is like any other: checked by its id, it is spent for the user as well', async () => {
    await using given = await open();
    const user = await anOwnUser(given);
    const { code, ...send } = aCodeToOwnNumber(user);
    await run(given, send);
    const check = aCheck({ verificationId: send.create.requested.id, code });
    expect(await run(given, check)).toMatchObject({ kind: 'verified' });
    expect(await run(given, aProof(user, code))).toEqual({ kind: 'wrong-code' });
  });
}
