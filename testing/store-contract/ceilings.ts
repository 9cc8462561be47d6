import { expect, test } from 'vitest';
import type { Notice } from '../../src/engine/notice.ts';
import {
  aCheck,
  aCreate,
  aResend,
  aRightCheck,
  aService,
  aTenant,
  freshId,
  freshNumber,
  noLimits,
  otherTenantId,
  tenantId,
  times,
} from '../builders.ts';
import { by } from './administrative.ts';
import { type OpenStore, run, runAtOnce, runBatch, type StoreUnderTest, stored, storedSend, tally } from './given.ts';

const dayMs = 86_400_000;

const setCeiling = (given: StoreUnderTest, dailySendsMax: number, tenant = tenantId) =>
  run(given, { kind: 'change-tenant', tenantId: tenant, by, changes: { dailySendsMax } });

async function sendsToday({ store, clock }: StoreUnderTest, tenant = tenantId): Promise<number> {
  const usage = await store.queries.usage(tenant);
  return usage?.day === Math.floor(clock.wallMs() / dayMs) ? usage.sends : 0;
}

const aTestCreate = (recipient = freshNumber()) => aCreate({ epoch: 'e1', requested: { recipient, test: true } });

export function ceilingContract(open: OpenStore): void {
  test('of a thousand creates at once under a ceiling of a hundred, a hundred send; it is said at 80 and at 100', async () => {
    await using given = await open();
    await setCeiling(given, 100);
    given.clock.advance(dayMs / 4);
    const creates = times(1000, () => aCreate());
    const batches = times(10, (at) => given.store.commitBatch(creates.slice(at * 100, at * 100 + 100)));
    const committed = (await Promise.all(batches)).flat();
    const outcomes = committed.map((one) => (one.kind === 'done' ? one.outcome : one));
    expect(tally(outcomes)).toEqual({ created: 100, 'ceiling-reached': 900 });
    const midnight = { retryAfterSeconds: (dayMs * 3) / 4 / 1000, retryAtMs: given.clock.wallMs() + (dayMs * 3) / 4 };
    expect(outcomes.at(-1)).toEqual({ kind: 'ceiling-reached', ...midnight });

    const counts = await given.store.queries.counts();
    expect([counts.verifications, counts.sends, await sendsToday(given)]).toEqual([100, { queued: 100 }, 100]);
    const notices = committed.flatMap((one, at): [number, Notice][] =>
      one.kind === 'done' && one.notice !== undefined ? [[at, one.notice]] : [],
    );
    expect(notices).toEqual([
      [79, { kind: 'ceiling-warning', tenantId }],
      [99, { kind: 'ceiling-reached', tenantId }],
    ]);
  });

  test('the next day counts anew', async () => {
    await using given = await open();
    await setCeiling(given, 2);
    const create = () => run(given, aCreate());
    expect(tally([await create(), await create(), await create()])).toEqual({ created: 2, 'ceiling-reached': 1 });
    given.clock.advance(dayMs - 1);
    expect(await create()).toMatchObject({ kind: 'ceiling-reached', retryAfterSeconds: 1 });
    given.clock.advance(1);
    expect(await create()).toMatchObject({ kind: 'created' });
    expect(await sendsToday(given)).toBe(1);
  });

  test('a raised ceiling lets more through, a lowered one nothing', async () => {
    await using given = await open();
    await setCeiling(given, 2);
    const twenty = () =>
      runAtOnce(
        given,
        times(20, () => aCreate()),
      );
    expect(tally(await twenty())).toEqual({ created: 2, 'ceiling-reached': 18 });
    await setCeiling(given, 5);
    expect(tally(await twenty())).toEqual({ created: 3, 'ceiling-reached': 17 });
    await setCeiling(given, 4);
    expect(tally(await twenty())).toEqual({ 'ceiling-reached': 20 });
  });

  test('a raised ceiling holds for the next command of the very same batch', async () => {
    await using given = await open();
    await setCeiling(given, 1);
    const raise = { kind: 'change-tenant', tenantId, by, changes: { dailySendsMax: 2 } } as const;
    const outcomes = await runBatch(given, [aCreate(), aCreate(), raise, aCreate(), aCreate()]);
    const kinds = outcomes.map(({ kind }) => kind);
    expect(kinds).toEqual(['created', 'ceiling-reached', 'tenant', 'created', 'ceiling-reached']);
  });

  test('two tenants use up ceilings of their own', async () => {
    await using given = await open();
    await setCeiling(given, 3);
    await setCeiling(given, 5, otherTenantId);
    const mixed = times(20, (at) => aCreate({ tenantId: at % 2 === 0 ? tenantId : otherTenantId }));
    expect(tally(await runAtOnce(given, mixed, 4))).toEqual({ created: 8, 'ceiling-reached': 12 });
    expect([await sendsToday(given), await sendsToday(given, otherTenantId)]).toEqual([3, 5]);
  });

  test('a tenant without a ceiling sends nothing', async () => {
    await using given = await open();
    const id = freshId();
    const tenant = { id, name: 'New', dailySendsMax: 0 };
    await run(given, aTenant({ tenantId: id, tenant, service: aService({ tenantId: id }) }));
    expect(await run(given, aCreate({ tenantId: id }))).toEqual({ kind: 'ceiling-not-set' });
    expect((await given.store.queries.counts()).verifications).toBe(0);
  });

  test('messages that are sent again count, asked for by a resend or by the same create', async () => {
    await using given = await open();
    await setCeiling(given, 3);
    const create = aCreate({ requested: { reference: 'login', ttlSeconds: 600 } });
    const { id, recipient, reference } = create.requested;
    const resume = () => run(given, aCreate({ requested: { recipient, reference } }));
    const resend = () => run(given, aResend({ verificationId: id }));
    await run(given, create);
    expect(await resend()).toMatchObject({ kind: 'too-soon' });
    given.clock.advance(30_000);
    expect(await resend()).toMatchObject({ kind: 'sent' });
    given.clock.advance(60_000);
    expect(await resume()).toMatchObject({ kind: 'resumed', sent: true });
    expect(await sendsToday(given)).toBe(3);

    given.clock.advance(120_000);
    expect(await resend()).toMatchObject({ kind: 'ceiling-reached' });
    const nextSendAtMs = (Math.floor(given.clock.wallMs() / dayMs) + 1) * dayMs;
    expect(await resume()).toMatchObject({ kind: 'resumed', sent: false, nextSendAtMs });
    expect(await stored(given, id)).toMatchObject({ sendsUsed: 3 });
    expect(await run(given, aRightCheck(create))).toMatchObject({ kind: 'verified' });
  });

  test('what a limit refuses is not counted, nor is a repetition that is answered from memory', async () => {
    await using given = await open({ limits: { ...noLimits, recipientSends: [{ count: 1, seconds: 600 }] } });
    const recipient = freshNumber();
    const idempotency = { key: 'k', keyId: 'p1', fingerprints: { p1: 'f' } };
    const create = aCreate({ idempotency, requested: { recipient, reference: 'a' } });
    await run(given, create);
    expect(await run(given, create)).toMatchObject({ kind: 'replayed' });
    expect(await run(given, aCreate({ requested: { recipient, reference: 'b' } }))).toMatchObject({ kind: 'limited' });
    expect(await sendsToday(given)).toBe(1);
  });

  test('what is refused for the ceiling uses up no other limit', async () => {
    await using given = await open({ limits: { ...noLimits, recipientSends: [{ count: 1, seconds: 600 }] } });
    await setCeiling(given, 1);
    await run(given, aCreate());
    const recipient = freshNumber();
    const create = () => run(given, aCreate({ address: '192.0.2.9', requested: { recipient } }));
    expect(await create()).toMatchObject({ kind: 'ceiling-reached' });
    await setCeiling(given, 2);
    expect(await create()).toMatchObject({ kind: 'created' });
  });

  test('a batch that is rolled back counts nothing', async () => {
    await using given = await open();
    const create = aCreate();
    await run(given, create);
    // The second one has an id that is there already, so that the batch fails and runs again, one by one.
    const twin = aCreate({ requested: { id: create.requested.id } });
    const committed = await given.store.commitBatch([aCreate(), twin, aCreate()]);
    expect(committed.map(({ kind }) => kind)).toEqual(['done', 'fault', 'done']);
    expect(await sendsToday(given)).toBe(3);
  });
}

export function testNumberContract(open: OpenStore): void {
  test('a test number counts nothing and is never limited, whatever is used up', async () => {
    await using given = await open({ limits: { ...noLimits, recipientSends: [{ count: 1, seconds: 600 }] } });
    await setCeiling(given, 1);
    const recipient = freshNumber();
    for (let at = 0; at < 20; at++) {
      const requested = { recipient, test: true, reference: `login ${at}` };
      expect(await run(given, aCreate({ epoch: 'e1', requested }))).toMatchObject({ kind: 'created' });
    }
    expect(await sendsToday(given)).toBe(0);
    expect(await run(given, aCreate())).toMatchObject({ kind: 'created' });
  });

  test('a tenant that may not send yet may use test numbers', async () => {
    await using given = await open();
    await setCeiling(given, 0);
    expect(await run(given, aCreate())).toEqual({ kind: 'ceiling-not-set' });
    expect(await run(given, aTestCreate())).toMatchObject({ kind: 'created', verification: { test: true } });
  });

  test('nothing goes to a test number: its message is dropped from the start, and nobody is to carry it', async () => {
    await using given = await open();
    const create = aTestCreate();
    const { id } = create.requested;
    const [committed] = await given.store.commitBatch([create]);
    expect(committed).not.toHaveProperty('job');
    given.clock.advance(30_000);
    const resend = aResend({ verificationId: id, epoch: 'e1', newCode: { keyId: 'p1', salt: 'ab'.repeat(16) } });
    const [resent] = await given.store.commitBatch([resend]);
    expect(resent).toMatchObject({ kind: 'done', outcome: { kind: 'sent' } });
    expect(resent).not.toHaveProperty('job');
    for (const number of [1, 2]) {
      const send = await storedSend(given, id, number);
      expect(send).toMatchObject({ status: 'dropped', reason: 'test-number', tries: 0, tryOpen: false });
    }
    expect(await given.store.dueSends(10)).toEqual([]);
    // Its code is the same for ever, also where a new one was asked for.
    expect(await run(given, aRightCheck(create))).toMatchObject({ kind: 'verified' });
  });

  test('wrong codes use up the attempts of a test number, and never make it wait', async () => {
    await using given = await open();
    const recipient = freshNumber();
    for (let round = 0; round < 4; round++) {
      const create = aTestCreate(recipient);
      const { id } = create.requested;
      await run(given, create);
      const outcomes = await runBatch(
        given,
        times(6, () => aCheck({ verificationId: id })),
      );
      expect(outcomes.map((outcome) => outcome.kind)).toEqual([...times(5, () => 'wrong-code'), 'exhausted']);
      expect(await stored(given, id)).toMatchObject({ status: 'failed', attemptsUsed: 5 });
      given.clock.advance(1000);
    }
    const create = aTestCreate(recipient);
    await run(given, create);
    expect(await run(given, aRightCheck(create))).toMatchObject({ kind: 'verified' });
  });
}
