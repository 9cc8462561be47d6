import { expect, test } from 'vitest';
import { aCheck, aCreate, aRightCheck, codeSent, freshNumber, times } from '../builders.ts';
import { scaled } from '../scale.ts';
import { seeded } from '../seeded.ts';
import { type OpenStore, run, runAtOnce, runBatch, type StoreUnderTest, stored, tally } from './given.ts';

export function checkContract(open: OpenStore): void {
  test('evaluates five wrong codes and no more when a thousand arrive at once', async () => {
    await using given = await open();
    const create = aCreate();
    const verificationId = create.requested.id;
    await run(given, create);
    const outcomes = await runAtOnce(
      given,
      times(1000, () => aCheck({ verificationId })),
      50,
    );
    expect(tally(outcomes)).toEqual({ 'wrong-code': 5, exhausted: 995 });
    expect(await stored(given, verificationId)).toMatchObject({ attemptsUsed: 5, status: 'failed' });
  });

  test('evaluates at most five codes and accepts at most one, wherever among a thousand the right one is', async () => {
    await using given = await open();
    const draw = seeded(6);
    for (let round = 0; round < scaled(100); round++) {
      const create = aCreate();
      await run(given, create);
      // Half of the rounds have it among the first ten, where it makes a difference.
      const place = Math.floor(draw() * (round % 2 === 0 ? 10 : 1000));
      const guesses = times(1000, () => aCheck({ verificationId: create.requested.id }));
      guesses[place] = aRightCheck(create);
      const counts = tally(await runAtOnce(given, guesses, 250));
      const { 'wrong-code': wrong = 0, verified = 0 } = counts;
      expect({ wrong, verified }, `right at place ${place}`).toEqual(
        place < 5 ? { wrong: place, verified: 1 } : { wrong: 5, verified: 0 },
      );
    }
  });

  test('lets exactly one of two hundred right checks at once succeed', async () => {
    await using given = await open();
    const create = aCreate();
    await run(given, create);
    const outcomes = await runAtOnce(
      given,
      times(200, () => aRightCheck(create)),
    );
    expect(tally(outcomes)).toEqual({ verified: 1, 'already-verified': 199 });
    expect(await stored(given, create.requested.id)).toMatchObject({ status: 'verified', attemptsUsed: 0 });
  });

  test('accepts a code until a millisecond before its expiry and not at it', async () => {
    await using given = await open();
    const [early, late] = [aCreate(), aCreate()];
    await runBatch(given, [early, late]);
    given.clock.advance(299_999);
    expect(await run(given, aRightCheck(early))).toMatchObject({ kind: 'verified' });
    given.clock.advance(1);
    expect(await run(given, aRightCheck(late))).toMatchObject({ kind: 'expired', verification: { status: 'expired' } });
    expect(await stored(given, late.requested.id)).toMatchObject({ attemptsUsed: 0 });
  });

  test("checks a recipient's newest verification, and none with another reference", async () => {
    await using given = await open();
    const recipient = freshNumber();
    const create = aCreate({ requested: { recipient, reference: 'login' } });
    const { tenantId } = create;
    await run(given, create);
    const byRecipient = { kind: 'check-recipient', tenantId, recipient, service: 'default' } as const;
    const code = codeSent(create);
    expect(await run(given, { ...byRecipient, code, reference: 'other' })).toEqual({ kind: 'not-found' });
    expect(await run(given, { ...byRecipient, code, service: 'other' })).toEqual({ kind: 'not-found' });
    expect(await run(given, { ...byRecipient, code, reference: 'login' })).toMatchObject({ kind: 'verified' });
    expect(await run(given, { ...byRecipient, code })).toMatchObject({ kind: 'already-verified' });
  });

  test('adds failures up over verifications, waits from the tenth on, and locks for a day at a hundred', async () => {
    await using given = await open();
    const recipient = freshNumber();
    const waits = await failing(given, recipient, 100);
    expect(waits.slice(0, 10)).toEqual(times(10, () => 0));
    expect(waits.slice(10, 18)).toEqual([30, 60, 120, 240, 480, 960, 1920, 3600]);
    expect(waits.slice(18)).toEqual(times(82, () => 3600));

    const right = await another(given, recipient);
    expect(await run(given, aRightCheck(right))).toEqual({ kind: 'locked', retryAfterSeconds: 86_400 });
    given.clock.advance(86_399_999);
    expect(await run(given, aRightCheck(right))).toEqual({ kind: 'locked', retryAfterSeconds: 1 });
    given.clock.advance(1);
    expect(await run(given, aRightCheck(right))).toMatchObject({ kind: 'verified' });
  });

  test('a success after 99 failures takes them all back', async () => {
    await using given = await open();
    const recipient = freshNumber();
    await failing(given, recipient, 99);
    given.clock.advance(3_600_000);
    expect(await run(given, aRightCheck(await another(given, recipient)))).toMatchObject({ kind: 'verified' });
    expect(await failing(given, recipient, 10)).toEqual(times(10, () => 0));
  });

  test('a check that has to wait is not evaluated, charges nothing, and leaves other recipients alone', async () => {
    await using given = await open();
    const recipient = freshNumber();
    await failing(given, recipient, 10);
    const create = await another(given, recipient);
    const { id } = create.requested;
    expect(await run(given, aRightCheck(create))).toEqual({ kind: 'locked', retryAfterSeconds: 30 });
    expect(await run(given, aCheck({ verificationId: id }))).toEqual({ kind: 'locked', retryAfterSeconds: 30 });
    expect(await stored(given, id)).toMatchObject({ status: 'pending', attemptsUsed: 0 });
    const other = await another(given, freshNumber());
    expect(await run(given, aRightCheck(other))).toMatchObject({ kind: 'verified' });
  });

  test('hands a row back as the decider wrote it, every field of it', async () => {
    await using given = await open();
    const whole = {
      country: 'FR',
      reference: 'login "1"',
      locale: 'fr',
      sender: 'Acme',
      template: '{{code}}\nà',
      metadata: '{"a":1}',
      signals: '{"ip":"192.0.2.1"}',
      code: { generation: 1, keyId: 'p1', alphabet: 'letters', length: 8, salt: 'ab'.repeat(16), sealed: undefined },
    } as const;
    const create = aCreate({ requested: whole });
    await run(given, create);
    const { ttlSeconds, ...requested } = create.requested;
    const nowMs = given.clock.wallMs();
    expect(await stored(given, create.requested.id)).toEqual({
      ...requested,
      status: 'pending',
      createdAtMs: nowMs,
      expiresAtMs: nowMs + ttlSeconds * 1000,
      endedAtMs: undefined,
      attemptsUsed: 0,
      sendsUsed: 1,
      nextSendAtMs: nowMs + 30_000,
      timeline: `c${nowMs.toString(36).toUpperCase()}`,
    });
  });
}

/** One more verification of a recipient, that lives long enough for any wait. */
export async function another(given: StoreUnderTest, recipient: string) {
  const create = aCreate({ whilePending: 'separate', requested: { recipient, ttlSeconds: 1_000_000 } });
  await run(given, create);
  return create;
}

/**
 * Hands in wrong codes for one recipient, five a verification, and lets every wait pass.
 * @returns the seconds that each of them had to wait
 */
export async function failing(given: StoreUnderTest, recipient: string, count: number): Promise<number[]> {
  const waits: number[] = [];
  let create = await another(given, recipient);
  for (let failure = 0; failure < count; failure++) {
    if (failure > 0 && failure % 5 === 0) create = await another(given, recipient);
    const check = aCheck({ verificationId: create.requested.id });
    let outcome = await run(given, check);
    waits.push(outcome.kind === 'locked' ? outcome.retryAfterSeconds : 0);
    if (outcome.kind === 'locked') {
      given.clock.advance(outcome.retryAfterSeconds * 1000);
      outcome = await run(given, check);
    }
    expect(outcome).toMatchObject({ kind: 'wrong-code', attemptsLeft: 4 - (failure % 5) });
  }
  return waits;
}
