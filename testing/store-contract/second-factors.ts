import { expect, test } from 'vitest';
import { factorsMax, totpAlgorithms } from '../../src/domain/factor.ts';
import { groupedRecoveryCode } from '../../src/domain/recovery-codes.ts';
import { base32 } from '../../src/domain/totp.ts';
import type { Command } from '../../src/engine/deciders.ts';
import { codeSent, otherTenantId, tenantId, times, wrongCode } from '../builders.ts';
import {
  type AppEnrolment,
  aChallenge,
  aChallengeCheck,
  anActivation,
  anApp,
  anotherCode,
  appCode,
  aRecipientFactor,
  aRemoval,
  aUser,
  newRecoveryCodes,
  type RecipientEnrolment,
} from '../second-factors.ts';
import { atRest, type OpenStore, run, runAtOnce, runBatch, type StoreUnderTest, stored, tally } from './given.ts';

const stepMs = 30_000;
const hourMs = 3_600_000;

const nowMs = ({ store }: StoreUnderTest) => store.clock().nowMs;

/** A user with an authenticator app that is active, and time enough since for its next code. */
async function withApp(given: StoreUnderTest, terms: Parameters<typeof anApp>[1] = {}): Promise<AppEnrolment> {
  const user = aUser();
  const app = anApp(user.user.id, terms);
  await runBatch(given, [user, app]);
  expect(await run(given, anActivation(app, appCode(app, nowMs(given))))).toMatchObject({ kind: 'activated' });
  given.clock.advance(4 * stepMs);
  return app;
}

/** A user with a phone number that is active. */
async function withNumber(given: StoreUnderTest): Promise<RecipientEnrolment> {
  const user = aUser();
  const number = aRecipientFactor(user.user.id);
  await runBatch(given, [user, number]);
  expect(await run(given, anActivation(number, codeSent(number.create)))).toMatchObject({ kind: 'activated' });
  return number;
}

/** Hands one code in for a challenge of its own. */
async function answer(given: StoreUnderTest, userId: string, code: string) {
  const challenge = aChallenge(userId);
  const [, outcome] = await runBatch<Command>(given, [challenge, aChallengeCheck(challenge, code)]);
  return outcome as { readonly kind: string; readonly retryAfterSeconds?: number; readonly recoveryCodesLeft?: number };
}

const factorsOf = ({ store }: StoreUnderTest, userId: string) => store.queries.factors(tenantId, userId);
const userOf = async ({ store }: StoreUnderTest, userId: string) => {
  const user = await store.queries.user(tenantId, userId);
  if (user === undefined) throw new Error('the user is not there');
  return user;
};

export function secondFactorContract(open: OpenStore): void {
  const dialects = totpAlgorithms.flatMap((algorithm) => [6, 7, 8].map((digits) => ({ algorithm, digits })));
  test.each(dialects)('codes of $digits digits by $algorithm are taken from an app that is not ours', async (terms) => {
    await using given = await open();
    const app = await withApp(given, terms);
    expect(await answer(given, app.userId, appCode(app, nowMs(given)))).toMatchObject({ kind: 'verified' });
  });

  const distances: [steps: number, kind: string][] = [
    [-2, 'wrong-code'],
    [-1, 'verified'],
    [0, 'verified'],
    [1, 'verified'],
    [2, 'wrong-code'],
  ];
  test.each(distances)('the code of the step %i steps from now is %s', async (steps, kind) => {
    await using given = await open();
    const app = await withApp(given);
    const code = appCode(app, nowMs(given) + steps * stepMs);
    expect(await answer(given, app.userId, code)).toMatchObject({ kind });
  });

  test('of 200 submissions of one code at once for one challenge, one verifies it', async () => {
    await using given = await open();
    const app = await withApp(given);
    const challenge = aChallenge(app.userId);
    await run(given, challenge);
    const code = appCode(app, nowMs(given));
    const outcomes = await runAtOnce(
      given,
      times(200, () => aChallengeCheck(challenge, code)),
      10,
    );
    expect(tally(outcomes)).toEqual({ verified: 1, 'already-verified': 199 });
  });

  test('of 200 submissions of one code at once for 200 challenges, one verifies', async () => {
    await using given = await open();
    const app = await withApp(given);
    const challenges = times(200, () => aChallenge(app.userId));
    await runBatch(given, challenges);
    const code = appCode(app, nowMs(given));
    const outcomes = await runAtOnce(
      given,
      challenges.map((challenge) => aChallengeCheck(challenge, code)),
      10,
    );
    // The others are wrong codes, until the user has to wait.
    expect(tally(outcomes)).toEqual({ verified: 1, 'wrong-code': 5, paused: 194 });
  });

  test('of 100 uses of one recovery code at once, one verifies', async () => {
    await using given = await open();
    const app = await withApp(given);
    const set = newRecoveryCodes(app.userId);
    const challenges = times(100, () => aChallenge(app.userId));
    await runBatch<Command>(given, [set, ...challenges]);
    const code = set.codes[3] ?? '';
    const outcomes = await runAtOnce(
      given,
      challenges.map((challenge) => aChallengeCheck(challenge, code)),
      10,
    );
    expect(tally(outcomes)).toEqual({ verified: 1, 'wrong-code': 5, paused: 94 });
    expect(outcomes.find(({ kind }) => kind === 'verified')).toMatchObject({ recoveryCodesLeft: 9 });
  });

  test('of 50 first codes at once one activates; activated and removed at once, a factor is gone', async () => {
    await using given = await open();
    const user = aUser();
    const app = anApp(user.user.id);
    await runBatch(given, [user, app]);
    const activation = anActivation(app, appCode(app, nowMs(given)));
    const many = await runAtOnce(
      given,
      times(50, () => activation),
    );
    expect(tally(many)).toEqual({ activated: 1, 'factor-active': 49 });

    for (const removesFirst of [true, false]) {
      const other = anApp(user.user.id);
      await run(given, other);
      const pair: Command[] = [anActivation(other, appCode(other, nowMs(given))), aRemoval(other)];
      const kinds = tally(await runAtOnce(given, removesFirst ? pair.reverse() : pair));
      expect([
        { activated: 1, removed: 1 },
        { 'not-found': 1, removed: 1 },
      ]).toContainEqual(kinds);
      expect((await factorsOf(given, user.user.id)).map(({ id }) => id)).toEqual([app.factor.id]);
    }
  });

  test('after the code of a step, that of the step before is refused', async () => {
    await using given = await open();
    const app = await withApp(given);
    const before = appCode(app, nowMs(given) - stepMs);
    expect(await answer(given, app.userId, appCode(app, nowMs(given)))).toMatchObject({ kind: 'verified' });
    expect(await answer(given, app.userId, before)).toMatchObject({ kind: 'wrong-code' });
    expect(await answer(given, app.userId, appCode(app, nowMs(given) + stepMs))).toMatchObject({ kind: 'verified' });
  });

  test('the code that activated a factor proves nothing a second time', async () => {
    await using given = await open();
    const user = aUser();
    const app = anApp(user.user.id);
    await runBatch(given, [user, app]);
    const code = appCode(app, nowMs(given));
    await run(given, anActivation(app, code));
    expect(await answer(given, user.user.id, code)).toMatchObject({ kind: 'wrong-code' });
  });

  test('once a wrong clock is right again, codes of apps are right again at once', async () => {
    await using given = await open();
    const app = await withApp(given);
    for (const wrongMs of [2 * hourMs, -2 * hourMs]) {
      given.clock.stepWall(wrongMs);
      // The store's time has followed as far as it ever does.
      await run(given, aChallenge(app.userId));
      given.clock.stepWall(-wrongMs);
      given.clock.advance(2 * stepMs);
      const code = appCode(app, given.clock.wallMs());
      expect(await answer(given, app.userId, code)).toMatchObject({ kind: 'verified' });
    }
  });

  test('wherever the clock is set, no step is accepted twice, nor one before an accepted one', async () => {
    await using given = await open();
    const app = await withApp(given);
    const steps = [-60_000, 0, 3 * hourMs, -3 * hourMs, 30_000, -hourMs, 60_000, 5 * hourMs, -9 * hourMs, 0];
    const accepted: number[] = [];
    for (const [at, ms] of [...steps, ...steps].entries()) {
      given.clock.stepWall(ms);
      if (at % 3 === 0) given.clock.advance(2 * stepMs);
      for (const tells of [nowMs, ({ clock }: StoreUnderTest) => clock.wallMs()]) {
        // A store that works on a thread says what time it is once it has done something.
        await run(given, aChallenge(app.userId));
        const base = tells(given);
        const { kind } = await answer(given, app.userId, appCode(app, base));
        if (kind === 'verified') accepted.push(Math.floor(base / stepMs));
        // Whoever has to wait does so by time that passes, not by what a clock says.
        if (kind === 'paused') given.clock.advance(hourMs);
      }
    }
    expect(accepted.length).toBeGreaterThan(3);
    expect(accepted).toEqual([...new Set(accepted)].sort((one, other) => one - other));
  });

  test('from the fifth wrong code on there is a wait of 30 s, doubling to an hour; a right one takes it back', async () => {
    await using given = await open();
    const app = await withApp(given);
    const waits: number[] = [];
    for (let failure = 1; failure <= 14; failure++) {
      expect(await answer(given, app.userId, wrongCode)).toMatchObject({ kind: 'wrong-code' });
      const { waitUntilMs } = (await userOf(given, app.userId)).failures;
      const waitMs = Math.max(0, waitUntilMs - nowMs(given));
      waits.push(waitMs / 1000);
      if (waitMs === 0) continue;
      given.clock.advance(waitMs - 1);
      const early = await answer(given, app.userId, appCode(app, nowMs(given)));
      expect(early).toEqual({ kind: 'paused', retryAfterSeconds: 1 });
      given.clock.advance(1);
    }
    expect(waits).toEqual([0, 0, 0, 0, 30, 60, 120, 240, 480, 960, 1920, 3600, 3600, 3600]);
    expect(await answer(given, app.userId, appCode(app, nowMs(given)))).toMatchObject({ kind: 'verified' });
    expect((await userOf(given, app.userId)).failures).toEqual({ count: 0, waitUntilMs: 0 });
  });

  test('a hundred wrong codes in a row disable the apps of a user, and the audit trail says so', async () => {
    await using given = await open();
    const app = await withApp(given);
    const set = newRecoveryCodes(app.userId);
    await run(given, set);
    for (let failure = 1; failure <= 100; failure++) {
      expect((await factorsOf(given, app.userId))[0]?.status).toBe('active');
      expect(await answer(given, app.userId, wrongCode)).toMatchObject({ kind: 'wrong-code' });
      given.clock.advance(hourMs);
    }
    expect((await factorsOf(given, app.userId))[0]?.status).toBe('disabled');
    expect(await answer(given, app.userId, appCode(app, nowMs(given)))).toMatchObject({ kind: 'wrong-code' });
    given.clock.advance(hourMs);
    expect(await answer(given, app.userId, set.codes[0] ?? '')).toMatchObject({ kind: 'verified' });
    const entries = await given.store.queries.audit(tenantId, 0, 1000);
    const { action, target, after = '' } = entries.find((entry) => entry.action === 'disable-factors') ?? {};
    expect([action, target]).toEqual(['disable-factors', `user ${app.userId}`]);
    expect(JSON.parse(after)).toEqual({ factors: [{ factor: app.factor.id, kind: 'totp', status: 'disabled' }] });
    expect(await run(given, anActivation(app, appCode(app, nowMs(given))))).toEqual({ kind: 'factor-active' });
    expect(await run(given, aRemoval(app))).toEqual({ kind: 'removed' });
  });

  test('a factor that is pending proves nothing, and is forgotten after a day', async () => {
    await using given = await open();
    const app = await withApp(given);
    const pending = anApp(app.userId);
    await run(given, pending);
    expect(await answer(given, app.userId, appCode(pending, nowMs(given)))).toMatchObject({ kind: 'wrong-code' });
    given.clock.advance(24 * hourMs - 1);
    const wrong = await run(given, anActivation(pending, wrongCode));
    expect(wrong).toMatchObject({ kind: 'wrong-code', factor: { status: 'pending' } });
    given.clock.advance(1);
    const late = await run(given, anActivation(pending, appCode(pending, nowMs(given))));
    expect([late, await run(given, aRemoval(pending))]).toEqual([{ kind: 'not-found' }, { kind: 'not-found' }]);
  });

  test('nothing that a user has already activates another factor', async () => {
    await using given = await open();
    const app = await withApp(given);
    const set = newRecoveryCodes(app.userId);
    const [number, pending] = [aRecipientFactor(app.userId), anApp(app.userId)];
    await runBatch<Command>(given, [set, number, pending]);
    for (const code of [set.codes[0] ?? '', appCode(app, nowMs(given)), codeSent(number.create)]) {
      expect(await run(given, anActivation(pending, code))).toMatchObject({ kind: 'wrong-code' });
    }
    expect(await answer(given, app.userId, set.codes[0] ?? '')).toMatchObject({ kind: 'verified' });
  });

  test('new recovery codes end the older ones; each is good once, however it is spelt', async () => {
    await using given = await open();
    const app = await withApp(given);
    const [older, newer] = [newRecoveryCodes(app.userId), newRecoveryCodes(app.userId)];
    expect(await run(given, older)).toMatchObject({ kind: 'generated', left: 10 });
    expect(await run(given, newer)).toMatchObject({ kind: 'generated', left: 10 });
    const [first = '', second = ''] = newer.codes;
    expect(await answer(given, app.userId, older.codes[0] ?? '')).toMatchObject({ kind: 'wrong-code' });
    const spelt = groupedRecoveryCode(first).toUpperCase();
    expect(await answer(given, app.userId, spelt)).toMatchObject({ kind: 'verified', recoveryCodesLeft: 9 });
    expect(await answer(given, app.userId, first)).toMatchObject({ kind: 'wrong-code', recoveryCodesLeft: 9 });
    expect(await answer(given, app.userId, second)).toMatchObject({ kind: 'verified', recoveryCodesLeft: 8 });
  });

  test('recovery codes need an active factor, and go with the last one', async () => {
    await using given = await open();
    const app = await withApp(given);
    const number = aRecipientFactor(app.userId);
    await runBatch<Command>(given, [newRecoveryCodes(app.userId), number]);
    await run(given, anActivation(number, codeSent(number.create)));
    await run(given, aRemoval(app));
    expect((await userOf(given, app.userId)).recovery).toBeDefined();
    await run(given, aRemoval(number));
    expect((await userOf(given, app.userId)).recovery).toBeUndefined();
    expect(await run(given, newRecoveryCodes(app.userId))).toEqual({ kind: 'no-factor' });
  });

  test('a newer code of a factor takes the place of the older one, with the attempts used on it', async () => {
    await using given = await open();
    const number = await withNumber(given);
    const [first, second] = [aChallenge(number.userId, number), aChallenge(number.userId, number)];
    await run(given, first);
    expect(await run(given, aChallengeCheck(first, wrongCode))).toMatchObject({ kind: 'wrong-code' });
    await run(given, second);
    const [older, newer] = [first.code, second.code];
    if (older === undefined || newer === undefined) throw new Error('a challenge sent no code');
    expect(await stored(given, older.requested.id)).toMatchObject({ status: 'cancelled' });
    expect(await stored(given, newer.requested.id)).toMatchObject({ status: 'pending', attemptsUsed: 1 });
    expect(await run(given, aChallengeCheck(second, codeSent(older)))).toMatchObject({ kind: 'wrong-code' });
    const right = await run(given, aChallengeCheck(first, codeSent(newer)));
    expect(right).toMatchObject({
      kind: 'verified',
      challenge: { status: 'verified', proof: { kind: 'sms', factorId: number.factor.id } },
    });
    expect(await stored(given, newer.requested.id)).toMatchObject({ status: 'verified' });
  });

  test('a wrong code is charged to challenge, user, verification and recipient in one commit', async () => {
    await using given = await open();
    const number = await withNumber(given);
    const challenge = aChallenge(number.userId, number);
    await run(given, challenge);
    const { commits } = given.store.counters();
    const wrong = await run(given, aChallengeCheck(challenge, wrongCode));
    expect(wrong).toMatchObject({ kind: 'wrong-code', challenge: { attemptsLeft: 4 } });
    expect(given.store.counters().commits).toBe(commits + 1);
    expect((await userOf(given, number.userId)).failures.count).toBe(1);
    const id = challenge.code?.requested.id ?? '';
    expect(await stored(given, id)).toMatchObject({ attemptsUsed: 1 });
  });

  test('five wrong codes are all that a challenge takes, and it is over after ten minutes', async () => {
    await using given = await open();
    const app = await withApp(given);
    const [spent, late] = [aChallenge(app.userId), aChallenge(app.userId)];
    await runBatch(given, [spent, late]);
    const outcomes = await runBatch(
      given,
      times(5, () => aChallengeCheck(spent, wrongCode)),
    );
    expect(outcomes.map((outcome) => 'challenge' in outcome && outcome.challenge.attemptsLeft)).toEqual([
      4, 3, 2, 1, 0,
    ]);
    expect(await run(given, aChallengeCheck(spent, wrongCode))).toMatchObject({ kind: 'exhausted' });
    given.clock.advance(600_000);
    const code = appCode(app, nowMs(given));
    expect(await run(given, aChallengeCheck(late, code))).toMatchObject({ kind: 'expired' });
  });

  test('what is asked of another tenant, or of another user, is not there', async () => {
    await using given = await open();
    const app = await withApp(given);
    const number = await withNumber(given);
    const challenge = aChallenge(app.userId);
    await run(given, challenge);
    const code = appCode(app, nowMs(given));
    const ofOther = (command: Command) => ({ ...command, tenantId: otherTenantId }) as Command;
    const foreign: Command[] = [
      ...[anApp(app.userId), aRecipientFactor(app.userId), anActivation(app, code), aRemoval(app)].map(ofOther),
      ...[newRecoveryCodes(app.userId), aChallenge(app.userId), aChallengeCheck(challenge, code)].map(ofOther),
      ofOther(anotherCode(number)),
      aRemoval({ ...app, userId: number.userId }),
      anActivation({ ...app, userId: number.userId }, code),
      aChallengeCheck({ ...challenge, userId: number.userId }, code),
    ];
    const outcomes = await runBatch(given, foreign);
    expect(tally(outcomes)).toEqual({ 'not-found': foreign.length });
    expect(await run(given, aChallengeCheck(challenge, code))).toMatchObject({ kind: 'verified' });
  });

  test('an app, and each recipient, is enrolled once at a time; there are ten factors at most', async () => {
    await using given = await open();
    const number = await withNumber(given);
    const { userId } = number;
    const [first, second] = [anApp(userId), anApp(userId)];
    await runBatch(given, [first, second]);
    const again = aRecipientFactor(userId, number.factor.recipient);
    expect(await run(given, again)).toEqual({ kind: 'factor-exists', id: number.factor.id });
    const waiting = aRecipientFactor(userId);
    const replacing = aRecipientFactor(userId, waiting.factor.recipient);
    await runBatch(given, [waiting, replacing]);
    expect(await stored(given, waiting.create.requested.id)).toMatchObject({ status: 'cancelled' });
    const ids = (await factorsOf(given, userId)).map(({ id }) => id);
    expect(ids).toEqual([number, second, replacing].map(({ factor }) => factor.id));

    await runBatch(
      given,
      times(factorsMax - 3, () => aRecipientFactor(userId)),
    );
    const eleventh = aRecipientFactor(userId);
    expect(await run(given, eleventh)).toEqual({ kind: 'too-many-factors' });
    expect(await given.store.queries.verification(tenantId, eleventh.create.requested.id)).toBeUndefined();
  });

  test('nothing is enrolled when nothing can be sent', async () => {
    await using given = await open({ limits: { recipientSends: [{ count: 1, seconds: 600 }], addressCreates: [] } });
    const number = await withNumber(given);
    const user = aUser();
    const other = aRecipientFactor(user.user.id, number.factor.recipient);
    await run(given, user);
    expect(await run(given, other)).toMatchObject({ kind: 'limited', scope: 'recipient' });
    expect(await factorsOf(given, user.user.id)).toEqual([]);
    expect(await run(given, aChallenge(number.userId, number))).toMatchObject({ kind: 'limited' });
  });

  test('a pending factor is sent another code, an active one is not', async () => {
    await using given = await open();
    const user = aUser();
    const number = aRecipientFactor(user.user.id);
    await runBatch(given, [user, number]);
    const sends = anotherCode(number);
    expect(await run(given, sends)).toMatchObject({
      kind: 'sent',
      factor: { verificationId: sends.create.requested.id },
    });
    expect(await run(given, anActivation(number, codeSent(number.create)))).toMatchObject({ kind: 'wrong-code' });
    expect(await run(given, anActivation(number, codeSent(sends.create)))).toMatchObject({ kind: 'activated' });
    expect(await run(given, anotherCode(number))).toEqual({ kind: 'factor-active' });
  });

  test('a removed factor leaves no code behind that could be right', async () => {
    await using given = await open();
    const number = await withNumber(given);
    const challenge = aChallenge(number.userId, number);
    await runBatch<Command>(given, [challenge, aRemoval(number)]);
    const { code } = challenge;
    if (code === undefined) throw new Error('a challenge sent no code');
    expect(await stored(given, code.requested.id)).toMatchObject({ status: 'cancelled' });
    expect(await run(given, aChallengeCheck(challenge, codeSent(code)))).toMatchObject({ kind: 'wrong-code' });
  });
}

export function persistentSecondFactorContract(open: OpenStore): void {
  test('a code that was accepted is refused by a store that was opened anew, and when the clock was set back', async () => {
    await using given = await open();
    const app = await withApp(given);
    const code = appCode(app, nowMs(given));
    expect(await answer(given, app.userId, code)).toMatchObject({ kind: 'verified' });
    await atRest(given).reopen();
    expect(await answer(given, app.userId, code)).toMatchObject({ kind: 'wrong-code' });
    await atRest(given).close();
    given.clock.stepWall(-60_000);
    await atRest(given).reopen();
    for (const steps of [-2, -1, 0]) {
      const earlier = appCode(app, given.clock.wallMs() + steps * stepMs);
      expect(await answer(given, app.userId, earlier)).toMatchObject({ kind: 'wrong-code' });
    }
  });

  test('the files hold no secret of an app and no recovery code, in whichever form', async () => {
    await using given = await open();
    const app = await withApp(given);
    const set = newRecoveryCodes(app.userId);
    await run(given, set);
    await answer(given, app.userId, set.codes[0] ?? '');
    const bytes = atRest(given).bytes();
    const secret = Buffer.from(app.totp.secret, 'hex');
    const forms: (Buffer | string)[] = [
      ...[secret, base32(secret), app.totp.secret, app.totp.secret.toUpperCase(), secret.toString('base64')],
      ...set.codes.flatMap((code) => [code, code.toUpperCase(), groupedRecoveryCode(code), code.slice(0, 12)]),
    ];
    // The search finds what is there.
    expect(bytes.includes('totp')).toBe(true);
    expect(forms.filter((form) => bytes.includes(form))).toEqual([]);
  });
}
