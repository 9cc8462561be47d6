import { expect, test } from 'vitest';
import type { ClaimSend } from '../../src/engine/commands/claim-send.ts';
import type { RequestedVerification } from '../../src/engine/commands/create-verification.ts';
import type { SettleSend } from '../../src/engine/commands/settle-send.ts';
import type { Idempotency } from '../../src/engine/idempotency.ts';
import { aCancel, aCreate, aResend, freshNumber, otherTenantId, tenantId, times } from '../builders.ts';
import { prepay, topUp } from './administrative.ts';
import { atRest, type OpenStore, run, runAtOnce, runBatch, type StoreUnderTest, storedSend, tally } from './given.ts';

const price = 45_000;
const idempotency: Idempotency = { key: 'k', keyId: 'p1', fingerprints: { p1: 'f' } };

/** A create whose message costs something, carried by this process. */
const priced = (given: Partial<RequestedVerification> = {}, priceMicros = price) =>
  aCreate({ epoch: 'e1', requested: { terms: { parts: 1, priceMicros }, ...given } });

async function withBalance(open: OpenStore, micros: number): Promise<StoreUnderTest> {
  const given = await open();
  await runBatch(given, [prepay, ...(micros === 0 ? [] : [topUp(micros)])]);
  return given;
}

async function left({ store }: StoreUnderTest, tenant = tenantId): Promise<number> {
  return (await store.queries.usage(tenant))?.balanceMicros ?? 0;
}

function aSettle(id: string, given: Partial<SettleSend> = {}): SettleSend {
  const result = { kind: 'refused', reason: 'no' } as const;
  const recorded = { result, backoffMs: 1000, deduplicates: false };
  const key = { verificationId: id, number: 1 };
  return { kind: 'settle-send', tenantId, key, epoch: 'e1', tries: 1, ...recorded, ...given };
}

const aClaim = (id: string): ClaimSend => ({
  kind: 'claim-send',
  tenantId,
  key: { verificationId: id, number: 1 },
  epoch: 'e1',
  deduplicating: [],
});

export function balanceContract(open: OpenStore): void {
  test('of a thousand creates at once with a balance for a hundred, a hundred are queued and nothing is left', async () => {
    await using given = await withBalance(open, 100 * price);
    const creates = times(1000, () => priced());
    const outcomes = await runAtOnce(given, creates, 100);
    expect(tally(outcomes)).toEqual({ created: 100, 'insufficient-balance': 900 });
    const counts = await given.store.queries.counts();
    expect([counts.verifications, counts.sends, await left(given)]).toEqual([100, { queued: 100 }, 0]);
    const told = outcomes.flatMap((outcome) => (outcome.kind === 'created' ? [outcome.balanceMicros] : []));
    expect(told).toEqual(times(100, (at) => (99 - at) * price));
  });

  test('what does not go out is neither counted nor paid', async () => {
    await using given = await withBalance(open, price - 1);
    const recipient = freshNumber();
    expect(await run(given, priced({ recipient }))).toEqual({ kind: 'insufficient-balance' });
    const usage = await given.store.queries.usage(tenantId);
    expect(usage).toMatchObject({ sends: 0, balanceMicros: price - 1 });
    expect((await given.store.queries.counts()).verifications).toBe(0);
  });

  test.each([
    ['costs nothing', {}, 0],
    ['has no price', { terms: undefined }, 0],
    ['goes to a test number', { test: true }, price],
  ] as const)('without a balance, a message that %s is created', async (_, requested, micros) => {
    await using given = await withBalance(open, 0);
    expect(await run(given, priced(requested, micros))).toMatchObject({ kind: 'created' });
    expect(await left(given)).toBe(0);
  });

  test('a tenant that does not pay beforehand pays nothing, and its balance waits', async () => {
    await using given = await open();
    await run(given, topUp(price));
    const create = priced();
    const outcome = await run(given, create);
    expect(outcome).toMatchObject({ kind: 'created' });
    expect(outcome).not.toHaveProperty('balanceMicros');
    await run(given, aSettle(create.requested.id));
    expect([await left(given), (await storedSend(given, create.requested.id)).takenMicros]).toEqual([price, undefined]);
    const stop = { ...prepay, changes: { prepaid: false } } as const;
    await runBatch(given, [prepay, stop]);
    expect(await run(given, priced())).not.toHaveProperty('balanceMicros');
    expect(await left(given)).toBe(price);
  });

  test('the price of a tenant is not taken from another', async () => {
    await using given = await withBalance(open, price);
    await runBatch(given, [
      { ...prepay, tenantId: otherTenantId },
      { ...topUp(price), tenantId: otherTenantId },
    ]);
    expect(tally(await runBatch(given, [priced(), priced()]))).toEqual({ created: 1, 'insufficient-balance': 1 });
    expect([await left(given), await left(given, otherTenantId)]).toEqual([0, price]);
  });

  test('another message is paid for too, at its own price', async () => {
    await using given = await withBalance(open, 3 * price);
    const create = priced();
    const { id } = create.requested;
    await run(given, create);
    given.clock.advance(30_000);
    const resend = aResend({ verificationId: id, priceMicros: 2 * price, epoch: 'e1' });
    expect(await run(given, resend)).toMatchObject({ kind: 'sent' });
    expect([await left(given), (await storedSend(given, id, 2)).takenMicros]).toEqual([0, 2 * price]);
    given.clock.advance(60_000);
    expect(await run(given, { ...resend, priceMicros: 1 })).toMatchObject({ kind: 'insufficient-balance' });
  });

  test('a create that is the same verification again is paid for where it sends, and sends nothing unpaid', async () => {
    await using given = await withBalance(open, 2 * price);
    const recipient = freshNumber();
    await run(given, priced({ recipient }));
    expect(await run(given, priced({ recipient }))).toMatchObject({ kind: 'resumed', sent: false });
    expect(await left(given)).toBe(price);
    given.clock.advance(30_000);
    expect(await run(given, priced({ recipient }))).toMatchObject({ kind: 'resumed', sent: true });
    given.clock.advance(60_000);
    expect(await run(given, priced({ recipient }))).toMatchObject({ kind: 'resumed', sent: false });
    expect(await left(given)).toBe(0);
  });

  test('a create that comes twenty times with one key is paid for once', async () => {
    await using given = await withBalance(open, 5 * price);
    const recipient = freshNumber();
    const creates = times(20, () => ({ ...priced({ recipient }), idempotency, whilePending: 'separate' as const }));
    expect(tally(await runAtOnce(given, creates))).toEqual({ created: 1, replayed: 19 });
    expect(await left(given)).toBe(4 * price);
  });

  test('a payment that comes twice with one key is made once', async () => {
    await using given = await open();
    const payment = { ...topUp(price), idempotency };
    expect(await runBatch(given, [payment, payment])).toEqual([
      { kind: 'balance', balanceMicros: price },
      { kind: 'replayed', outcome: { kind: 'balance', balanceMicros: price } },
    ]);
    expect(await left(given)).toBe(price);
  });

  test('that the balance was too small is not kept for the key: after a payment the same request goes through', async () => {
    await using given = await withBalance(open, 0);
    const create = { ...priced(), idempotency };
    expect(await run(given, create)).toEqual({ kind: 'insufficient-balance' });
    await run(given, topUp(price));
    expect(await run(given, create)).toMatchObject({ kind: 'created', balanceMicros: 0 });
  });

  const ends: [sentence: string, settle: Partial<SettleSend>, left: number][] = [
    ['is refused by every provider', {}, price],
    ['is dropped because its verification had ended', { result: { kind: 'ended' } }, price],
    ['was accepted', { result: { kind: 'accepted' } }, 0],
    ['is tried again', { result: { kind: 'unavailable', reason: 'busy' } }, 0],
    ['waits for another process', { result: { kind: 'stopped' } }, 0],
    ['may have gone out, and is tried again', { result: { kind: 'unknown', reason: 'timeout' } }, 0],
  ];
  test.each(ends)('a message that %s: %#', async (_, settle, micros) => {
    await using given = await withBalance(open, price);
    const create = priced();
    const { id } = create.requested;
    await run(given, create);
    await run(given, aSettle(id, settle));
    expect(await left(given)).toBe(micros);
    // A second record of the same try is too late to give anything back.
    await run(given, aSettle(id, settle));
    expect(await left(given)).toBe(micros);
  });

  test('a message that may have gone out is paid for, however its last try ends', async () => {
    for (const deduplicates of [true, false]) {
      await using given = await withBalance(open, price);
      const create = priced();
      const { id } = create.requested;
      await run(given, create);
      await run(given, aSettle(id, { deduplicates, result: { kind: 'unknown', reason: 'timeout' } }));
      given.clock.advance(1000);
      expect(await run(given, aClaim(id))).toMatchObject({ kind: 'claimed' });
      expect(await run(given, aSettle(id, { deduplicates, tries: 2 }))).toEqual({ kind: 'failed' });
      expect(await left(given)).toBe(0);
    }
  });

  test('so is one whose very last try is of unknown outcome', async () => {
    await using given = await withBalance(open, price);
    const create = priced();
    const { id } = create.requested;
    await run(given, create);
    for (const tries of [1, 2]) {
      await run(given, aSettle(id, { tries, result: { kind: 'unavailable', reason: 'busy' } }));
      given.clock.advance(1000);
      await run(given, aClaim(id));
    }
    const last = aSettle(id, { tries: 3, deduplicates: true, result: { kind: 'unknown', reason: 'timeout' } });
    expect(await run(given, last)).toEqual({ kind: 'failed' });
    expect(await left(given)).toBe(0);
  });

  test('a message that was never begun is given back once its verification has ended', async () => {
    await using given = await withBalance(open, price);
    const create = { ...priced(), epoch: undefined };
    const { id } = create.requested;
    await runBatch(given, [create, aCancel({ verificationId: id })]);
    expect(await left(given)).toBe(0);
    expect(await run(given, aClaim(id))).toEqual({ kind: 'dropped' });
    expect(await left(given)).toBe(price);
    expect(await run(given, aClaim(id))).toEqual({ kind: 'gone' });
    expect(await left(given)).toBe(price);
  });

  test('thirty that come to nothing in one batch give back exactly what was taken for them', async () => {
    await using given = await withBalance(open, 30 * price);
    const creates = times(30, () => priced());
    await runBatch(given, creates);
    expect(await left(given)).toBe(0);
    const settles = creates.map(({ requested: { id } }) => aSettle(id));
    const outcomes = await runBatch(given, [...settles, priced()]);
    expect(tally(outcomes)).toEqual({ failed: 30, created: 1 });
    expect(await left(given)).toBe(29 * price);
  });

  test('a balance is never below nothing, and never too large to be exact', async () => {
    await using given = await withBalance(open, price);
    expect(await run(given, topUp(-price - 1))).toEqual({ kind: 'balance-too-small', balanceMicros: price });
    expect(await run(given, topUp(1e15))).toMatchObject({ kind: 'invalid', field: 'amount' });
    expect(await run(given, topUp(-price))).toEqual({ kind: 'balance', balanceMicros: 0 });
    expect(await run(given, { ...topUp(1), tenantId: '0192f000-0000-7000-8000-0000000000ff' })).toEqual({
      kind: 'not-found',
    });
  });

  test('the next day counts anew, and the balance stays', async () => {
    await using given = await withBalance(open, 2 * price);
    await run(given, priced());
    given.clock.advance(86_400_000);
    await run(given, aCreate());
    expect(await given.store.queries.usage(tenantId)).toMatchObject({ sends: 1, balanceMicros: price });
  });
}

export function persistentBalanceContract(open: OpenStore): void {
  test('a balance, and what was taken for a message under way, outlive the store', async () => {
    await using given = await withBalance(open, 3 * price);
    const create = priced();
    const { id } = create.requested;
    await run(given, create);
    await atRest(given).reopen();
    expect(await left(given)).toBe(2 * price);
    expect((await storedSend(given, id)).takenMicros).toBe(price);
    await run(given, aSettle(id));
    expect(await left(given)).toBe(3 * price);
    await atRest(given).reopen();
    expect(await run(given, priced())).toMatchObject({ kind: 'created', balanceMicros: 2 * price });
  });

  test('a message whose process died in the middle of a try may have gone out, and stays paid for', async () => {
    await using given = await withBalance(open, price);
    const create = priced();
    const { id } = create.requested;
    await run(given, create);
    await atRest(given).reopen({ epoch: 'e2' });
    await run(given, aCancel({ verificationId: id }));
    expect(await run(given, aClaim(id))).toEqual({ kind: 'dropped' });
    expect(await left(given)).toBe(0);
  });
}
