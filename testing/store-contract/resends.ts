import { expect, test } from 'vitest';
import { sealCode } from '../../src/domain/code.ts';
import { defaultLimits } from '../../src/domain/limits.ts';
import { codeSource, type Verification } from '../../src/domain/verification.ts';
import {
  aCheck,
  aCode,
  aCreate,
  aResend,
  aRightCheck,
  codeSent,
  freshId,
  keys,
  readCode,
  tenantId,
  times,
} from '../builders.ts';
import { type OpenStore, run, runAtOnce, runBatch, stored, storedSend, tally } from './given.ts';

const newCode = { keyId: 'p1', salt: 'cd'.repeat(16) };
const currentCode = (verification: Verification) => readCode(codeSource(verification));

export function resendContract(open: OpenStore): void {
  test('sends one more message when fifty ask for it at once', async () => {
    await using given = await open();
    const create = aCreate();
    const verificationId = create.requested.id;
    await run(given, create);
    expect(await run(given, aResend({ verificationId }))).toMatchObject({ kind: 'too-soon', retryAfterSeconds: 30 });
    given.clock.advance(30_000);
    const outcomes = await runAtOnce(
      given,
      times(50, () => aResend({ verificationId })),
    );
    expect(tally(outcomes)).toEqual({ sent: 1, 'too-soon': 49 });
    expect(await given.store.queries.sends(tenantId, verificationId)).toHaveLength(2);
  });

  test('keeps code, expiry and attempts', async () => {
    await using given = await open();
    const create = aCreate();
    const verificationId = create.requested.id;
    await run(given, create);
    await runBatch(
      given,
      times(3, () => aCheck({ verificationId })),
    );
    given.clock.advance(30_000);
    await run(given, aResend({ verificationId, channel: 'voice', providers: ['second'] }));
    expect(await stored(given, verificationId)).toMatchObject({ attemptsUsed: 3, sendsUsed: 2, channel: 'voice' });
    expect(await storedSend(given, verificationId, 2)).toMatchObject({ channel: 'voice', providers: ['second'] });
    given.clock.advance(269_999);
    expect(await run(given, aRightCheck(create))).toMatchObject({ kind: 'verified' });
  });

  test('with a new code the old one is dead and charged; attempts and expiry stay', async () => {
    await using given = await open();
    const create = aCreate({ requested: { code: aCode({ alphabet: 'alphanumeric', length: 10 }) } });
    const verificationId = create.requested.id;
    await run(given, create);
    await runBatch(
      given,
      times(3, () => aCheck({ verificationId })),
    );
    given.clock.advance(30_000);
    await run(given, aResend({ verificationId, newCode }));
    expect(await stored(given, verificationId)).toMatchObject({ attemptsUsed: 3, code: { generation: 2 } });
    expect(await run(given, aRightCheck(create))).toMatchObject({ kind: 'wrong-code', attemptsLeft: 1 });
    const code = currentCode(await stored(given, verificationId));
    expect(code).not.toBe(codeSent(create));
    expect(await run(given, aCheck({ verificationId, code }))).toMatchObject({ kind: 'verified' });
  });

  test('a new code takes the place of one that the caller supplied', async () => {
    await using given = await open();
    const id = freshId();
    const source = { tenantId, verificationId: id, generation: 1 };
    const sealed = sealCode('K7Q2ZX2345', source, keys.data.keys.d1 ?? new Uint8Array(), new Uint8Array(12));
    const code = aCode({ keyId: 'd1', alphabet: 'alphanumeric', length: 10, salt: undefined, sealed });
    await run(given, aCreate({ requested: { id, code } }));
    given.clock.advance(30_000);
    await run(given, aResend({ verificationId: id, newCode }));
    const next = await stored(given, id);
    expect(next.code.sealed).toBeUndefined();
    expect(await run(given, aCheck({ verificationId: id, code: 'K7Q2ZX2345' }))).toMatchObject({ kind: 'wrong-code' });
    expect(await run(given, aCheck({ verificationId: id, code: currentCode(next) }))).toMatchObject({
      kind: 'verified',
    });
  });

  test('sends five messages at most, at growing distances, and none with too little life left', async () => {
    await using given = await open();
    const create = aCreate({ requested: { ttlSeconds: 1800 } });
    const verificationId = create.requested.id;
    await run(given, create);
    for (const seconds of [30, 60, 120, 240]) {
      given.clock.advance(seconds * 1000 - 1);
      expect(await run(given, aResend({ verificationId }))).toMatchObject({ kind: 'too-soon' });
      given.clock.advance(1);
      expect(await run(given, aResend({ verificationId }))).toMatchObject({ kind: 'sent' });
    }
    given.clock.advance(1_000_000);
    expect(await run(given, aResend({ verificationId }))).toMatchObject({ kind: 'sends-exhausted' });

    const short = aCreate({ requested: { ttlSeconds: 60 } });
    await run(given, short);
    given.clock.advance(30_001);
    expect(await run(given, aResend({ verificationId: short.requested.id }))).toMatchObject({ kind: 'expiring' });
  });

  test("counts against the recipient's limit, and what it refuses sends nothing", async () => {
    await using given = await open({ limits: { ...defaultLimits, recipientSends: [{ count: 2, seconds: 600 }] } });
    const create = aCreate();
    const verificationId = create.requested.id;
    await run(given, create);
    given.clock.advance(30_000);
    expect(await run(given, aResend({ verificationId }))).toMatchObject({ kind: 'sent' });
    given.clock.advance(60_000);
    expect(await run(given, aResend({ verificationId }))).toMatchObject({ kind: 'limited', retryAfterSeconds: 510 });
    expect(await stored(given, verificationId)).toMatchObject({ sendsUsed: 2 });
  });

  test('an ended verification sends nothing and says how it ended', async () => {
    await using given = await open();
    const [verified, expired] = [aCreate(), aCreate()];
    await runBatch(given, [verified, expired]);
    await run(given, aRightCheck(verified));
    given.clock.advance(300_000);
    for (const [{ requested }, status] of [
      [verified, 'verified'],
      [expired, 'expired'],
    ] as const) {
      expect(await run(given, aResend({ verificationId: requested.id }))).toMatchObject({ kind: 'ended', status });
    }
  });
}
