import { expect, test } from 'vitest';
import { defaultLimits } from '../../src/domain/limits.ts';
import { aCheck, aCreate, aRightCheck, codeSent, freshNumber, noLimits, times } from '../builders.ts';
import { type OpenStore, run, runAtOnce, runBatch, stored, storedSend, tally } from './given.ts';

export function createContract(open: OpenStore): void {
  test('makes one verification and one message of a hundred creates at once for one recipient and reference', async () => {
    await using given = await open();
    const recipient = freshNumber();
    const creates = times(100, () => aCreate({ requested: { recipient, reference: 'login' } }));
    const outcomes = await runAtOnce(given, creates);
    expect(tally(outcomes)).toEqual({ created: 1, resumed: 99 });
    const counts = await given.store.queries.counts();
    expect([counts.verifications, counts.sends]).toEqual([1, { queued: 1 }]);
    const ids = outcomes.map((outcome) => 'verification' in outcome && outcome.verification.id);
    expect(new Set(ids).size).toBe(1);
  });

  test('resumes with another message once the gap has passed, under the same id, code and expiry', async () => {
    await using given = await open();
    const create = aCreate({ requested: { reference: 'login' } });
    const { recipient, reference } = create.requested;
    const again = () => run(given, aCreate({ requested: { recipient, reference, ttlSeconds: 600 } }));
    await run(given, create);
    const nextSendAtMs = given.clock.wallMs() + 30_000;
    expect(await again()).toMatchObject({ kind: 'resumed', sent: false, nextSendAtMs });
    given.clock.advance(30_000);
    expect(await again()).toMatchObject({ kind: 'resumed', sent: true, verification: { id: create.requested.id } });
    expect(await storedSend(given, create.requested.id, 2)).toMatchObject({ status: 'queued' });
    expect(await run(given, aRightCheck(create))).toMatchObject({ kind: 'verified' });
  });

  test('a create with another reference cancels the pending one and carries its used attempts over', async () => {
    await using given = await open();
    const first = aCreate({ requested: { reference: 'a' } });
    const { recipient } = first.requested;
    await run(given, first);
    await runBatch(
      given,
      times(3, () => aCheck({ verificationId: first.requested.id })),
    );
    const second = aCreate({ requested: { recipient, reference: 'b' } });
    expect(await run(given, second)).toMatchObject({ kind: 'created', verification: { attemptsLeft: 2 } });
    expect(await stored(given, first.requested.id)).toMatchObject({ status: 'cancelled', attemptsUsed: 3 });
    expect(await run(given, aRightCheck(first))).toMatchObject({ kind: 'cancelled' });
    expect(await run(given, aCheck({ verificationId: second.requested.id, code: codeSent(first) }))).toMatchObject({
      kind: 'wrong-code',
      attemptsLeft: 1,
    });
    expect(await run(given, aRightCheck(second))).toMatchObject({ kind: 'verified' });
  });

  test('leaves one attempt to a create that replaces a nearly used up one', async () => {
    await using given = await open();
    const first = aCreate({ requested: { reference: 'a', attemptsMax: 10 } });
    await run(given, first);
    await runBatch(
      given,
      times(9, () => aCheck({ verificationId: first.requested.id })),
    );
    const second = aCreate({ requested: { recipient: first.requested.recipient, reference: 'b' } });
    expect(await run(given, second)).toMatchObject({ verification: { attemptsLeft: 1 } });
  });

  test('a second reference neither sees nor inherits the success of the first', async () => {
    await using given = await open();
    const first = aCreate({ requested: { reference: 'a' } });
    const { tenantId } = first;
    const { recipient } = first.requested;
    await run(given, first);
    expect(await run(given, aRightCheck(first))).toMatchObject({ kind: 'verified' });
    const second = aCreate({ requested: { recipient, reference: 'b' } });
    expect(await run(given, second)).toMatchObject({ kind: 'created', verification: { status: 'pending' } });
    const check = { kind: 'check-recipient', tenantId, recipient, service: 'default', code: codeSent(first) } as const;
    expect(await run(given, { ...check, reference: 'b' })).toMatchObject({ kind: 'wrong-code' });
    expect(await run(given, { ...check, reference: 'a' })).toEqual({ kind: 'not-found' });
  });

  test.each([
    ['expired', 300_000],
    ['still pending', 0],
  ])('a create finds the earlier one %s and says so', async (what, waitMs) => {
    await using given = await open();
    const first = aCreate();
    await run(given, first);
    given.clock.advance(waitMs);
    const second = aCreate({ requested: { recipient: first.requested.recipient } });
    expect(await run(given, second)).toMatchObject({ kind: what === 'expired' ? 'created' : 'resumed' });
  });

  test('services and faces of one recipient do not resume each other', async () => {
    await using given = await open();
    const recipient = freshNumber();
    expect(await run(given, aCreate({ requested: { recipient } }))).toMatchObject({ kind: 'created' });
    expect(await run(given, aCreate({ requested: { recipient, service: 'other' } }))).toMatchObject({
      kind: 'created',
    });
    expect(await run(given, aCreate({ requested: { recipient, face: 'ding' } }))).toMatchObject({ kind: 'created' });
    expect(await run(given, aCreate({ requested: { recipient, service: 'other' } }))).toMatchObject({
      kind: 'resumed',
    });
  });

  test('separate verifications of one recipient live side by side, each with its own code', async () => {
    await using given = await open();
    const recipient = freshNumber();
    const creates = times(3, () => aCreate({ whilePending: 'separate', requested: { recipient } }));
    expect(tally(await runBatch(given, creates))).toEqual({ created: 3 });
    expect(tally(await runBatch(given, creates.map(aRightCheck)))).toEqual({ verified: 3 });
  });

  test("a recipient's sends are limited over all its verifications, and free again at the stated second", async () => {
    await using given = await open({ limits: defaultLimits });
    const recipient = freshNumber();
    const create = () => aCreate({ whilePending: 'separate', requested: { recipient } });
    const outcomes = await runAtOnce(given, times(20, create));
    expect(tally(outcomes)).toEqual({ created: 5, limited: 15 });
    expect(await run(given, create())).toMatchObject({ scope: 'recipient', retryAfterSeconds: 600 });
    expect(await run(given, aCreate())).toMatchObject({ kind: 'created' });
    given.clock.advance(599_999);
    expect(await run(given, create())).toMatchObject({ kind: 'limited', retryAfterSeconds: 1 });
    given.clock.advance(1);
    expect(tally(await runAtOnce(given, times(20, create)))).toEqual({ created: 5, limited: 15 });
    expect(await run(given, create())).toMatchObject({ window: { count: 10 }, retryAfterSeconds: 86_400 - 600 });
    const { verifications, sends } = await given.store.queries.counts();
    expect([verifications, sends]).toEqual([11, { queued: 11 }]);
  });

  test('a hundred creates at once for as many recipients, all from one address with a limit of five, send five', async () => {
    await using given = await open({ limits: { ...noLimits, addressCreates: [{ count: 5, seconds: 600 }] } });
    const create = () => aCreate({ address: '192.0.2.1' });
    expect(tally(await runAtOnce(given, times(100, create)))).toEqual({ created: 5, limited: 95 });
    expect(await run(given, create())).toMatchObject({ scope: 'address', retryAfterSeconds: 600 });
    expect((await given.store.queries.counts()).sends).toEqual({ queued: 5 });
    expect(await run(given, aCreate({ address: '192.0.2.2' }))).toMatchObject({ kind: 'created' });
    given.clock.advance(600_000);
    expect(await run(given, create())).toMatchObject({ kind: 'created' });
  });

  test('a create refused for its address does not count against its recipient', async () => {
    const limits = { recipientSends: [{ count: 1, seconds: 600 }], addressCreates: [{ count: 1, seconds: 600 }] };
    await using given = await open({ limits });
    const recipient = freshNumber();
    await run(given, aCreate({ address: '192.0.2.1' }));
    expect(await run(given, aCreate({ address: '192.0.2.1', requested: { recipient } }))).toMatchObject({
      scope: 'address',
    });
    expect(await run(given, aCreate({ requested: { recipient } }))).toMatchObject({ kind: 'created' });
  });
}
