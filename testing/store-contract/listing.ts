import { expect, test } from 'vitest';
import type { VerificationFilter } from '../../src/engine/store.ts';
import { aCancel, aCheck, aCreate, aRightCheck, freshNumber, tenantId, times } from '../builders.ts';
import { type OpenStore, run, runBatch, type StoreUnderTest } from './given.ts';

/** Every page to the end. @throws Error when it does not come */
async function allPages({ store }: StoreUnderTest, filter: Omit<VerificationFilter, 'tenantId'>): Promise<string[][]> {
  const pages: string[][] = [];
  let before: string | undefined;
  for (let page = 0; page < 100; page++) {
    const { rows, nextBefore } = await store.queries.verifications({ tenantId, before, ...filter });
    pages.push(rows.map(({ id }) => id));
    if (nextBefore === undefined) return pages;
    before = nextBefore;
  }
  throw new Error('the last page does not come');
}

export function listingContract(open: OpenStore): void {
  test('lists newest first, page by page, each verification once', async () => {
    await using given = await open();
    const ids = times(25, () => aCreate()).map((create) => create);
    await runBatch(given, ids);
    const newestFirst = ids.map(({ requested }) => requested.id).reverse();
    const pages = await allPages(given, { limit: 10 });
    expect(pages.map((page) => page.length)).toEqual([10, 10, 5]);
    expect(pages.flat()).toEqual(newestFirst);
    expect(await allPages(given, { limit: 25 })).toEqual([newestFirst]);
  });

  test('a cursor stays where it was while newer ones come in', async () => {
    await using given = await open();
    const creates = times(4, () => aCreate());
    await runBatch(given, creates);
    const [first, second] = creates.map(({ requested }) => requested.id);
    const { rows, nextBefore } = await given.store.queries.verifications({ tenantId, limit: 2 });
    expect(rows).toHaveLength(2);
    await run(given, aCreate());
    const next = await given.store.queries.verifications({ tenantId, limit: 2, before: nextBefore });
    expect(next.rows.map(({ id }) => id)).toEqual([second, first]);
  });

  test("finds a recipient's verifications alone, page by page", async () => {
    await using given = await open();
    const recipient = freshNumber();
    const creates = times(30, (at) =>
      aCreate({ whilePending: 'separate', requested: at % 3 === 0 ? { recipient } : {} }),
    );
    await runBatch(given, creates);
    const wanted = creates.filter(({ requested }) => requested.recipient === recipient);
    const pages = await allPages(given, { recipient, limit: 4 });
    expect(pages.map((page) => page.length)).toEqual([4, 4, 2]);
    expect(pages.flat()).toEqual(wanted.map(({ requested }) => requested.id).reverse());
    expect(await allPages(given, { recipient: freshNumber(), limit: 4 })).toEqual([[]]);
  });

  test('tells apart by status, with an expired one no longer pending although nobody wrote so', async () => {
    await using given = await open();
    const [verified, failed, cancelled, expired] = [aCreate(), aCreate(), aCreate(), aCreate()];
    await runBatch(given, [verified, failed, cancelled, expired]);
    await run(given, aRightCheck(verified));
    await runBatch(
      given,
      times(5, () => aCheck({ verificationId: failed.requested.id })),
    );
    await run(given, aCancel({ verificationId: cancelled.requested.id }));
    expect(await allPages(given, { status: 'pending', limit: 10 })).toEqual([[expired.requested.id]]);
    expect(await allPages(given, { status: 'expired', limit: 10 })).toEqual([[]]);
    given.clock.advance(300_000);
    const pending = aCreate({ requested: { face: 'ding' } });
    await run(given, pending);
    const expected = { verified, failed, cancelled, expired, pending } as const;
    for (const status of ['verified', 'failed', 'cancelled', 'expired', 'pending'] as const) {
      expect(await allPages(given, { status, limit: 10 }), status).toEqual([[expected[status].requested.id]]);
    }
    expect(await allPages(given, { face: 'ding', limit: 10 })).toEqual([[pending.requested.id]]);
    expect(await allPages(given, { face: 'ding', status: 'verified', limit: 10 })).toEqual([[]]);
    const { recipient } = failed.requested;
    expect(await allPages(given, { recipient, status: 'failed', limit: 10 })).toEqual([[failed.requested.id]]);
    expect(await allPages(given, { recipient, status: 'pending', limit: 10 })).toEqual([[]]);
  });

  test('reaches a rare status behind thousands of rows, by pages that may be short', async () => {
    await using given = await open();
    const rare = aCreate();
    await run(given, rare);
    await run(given, aRightCheck(rare));
    for (let batch = 0; batch < 21; batch++) {
      await runBatch(
        given,
        times(100, () => aCreate()),
      );
    }
    const pages = await allPages(given, { status: 'verified', limit: 10 });
    expect(pages.flat()).toEqual([rare.requested.id]);
    const everything = await allPages(given, { status: 'pending', limit: 500 });
    expect(new Set(everything.flat()).size).toBe(2100);
  });
}
