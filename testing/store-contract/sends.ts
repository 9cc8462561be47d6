import { expect, test } from 'vitest';
import type { TryResult } from '../../src/domain/send.ts';
import type { ClaimSend } from '../../src/engine/commands/claim-send.ts';
import type { SettleSend } from '../../src/engine/commands/settle-send.ts';
import { aCancel, aCreate, tenantId, times } from '../builders.ts';
import { atRest, type OpenStore, run, runAtOnce, runBatch, storedSend, tally } from './given.ts';

const key = (verificationId: string) => ({ verificationId, number: 1 });
const accepted: TryResult = { kind: 'accepted', providerMessageId: 'm1' };
const unavailable: TryResult = { kind: 'unavailable', reason: 'busy' };

function aClaim(id: string, given: Partial<ClaimSend> = {}): ClaimSend {
  return { kind: 'claim-send', tenantId, key: key(id), epoch: 'e1', deduplicating: [], ...given };
}

function aSettle(id: string, given: Partial<SettleSend> = {}): SettleSend {
  const recorded = { result: accepted, backoffMs: 1000, deduplicates: false };
  return { kind: 'settle-send', tenantId, key: key(id), epoch: 'e1', tries: 1, ...recorded, ...given };
}

/** A create whose message the process `epoch` carries from the start. */
const owned = (epoch = 'e1') => aCreate({ epoch, providers: ['first', 'second'] });

export function sendContract(open: OpenStore): void {
  test('writes the first try with the verification, in the name of the process that will make it', async () => {
    await using given = await open();
    const create = owned();
    const [committed] = await given.store.commitBatch([create]);
    const { id, code } = create.requested;
    expect(await storedSend(given, id)).toMatchObject({ status: 'queued', epoch: 'e1', tries: 1, tryOpen: true });
    expect(committed).toMatchObject({
      job: { number: 1, tries: 1, provider: 'first', code: { verificationId: id, ...code } },
    });
  });

  test('a message that nobody is named for gives no job and is due for any process', async () => {
    await using given = await open();
    const create = aCreate();
    const { id } = create.requested;
    const [committed] = await given.store.commitBatch([create]);
    expect(committed).not.toHaveProperty('job');
    expect(await given.store.dueSends(10)).toEqual([{ tenantId, verificationId: id, number: 1 }]);
  });

  test('lets one of twenty who claim a message at once have it, and nobody once it is owned', async () => {
    await using given = await open();
    const create = aCreate();
    const { id } = create.requested;
    await run(given, create);
    const claims = times(20, (at) => aClaim(id, { epoch: `e${at}` }));
    expect(tally(await runAtOnce(given, claims))).toEqual({ claimed: 1, gone: 19 });
    expect(await storedSend(given, id)).toMatchObject({ tries: 1, tryOpen: true });
    expect(await given.store.dueSends(10)).toEqual([]);
  });

  const strangers: [sentence: string, given: Partial<SettleSend>][] = [
    ['another process', { epoch: 'e2' }],
    ['an earlier try', { tries: 0 }],
    ['a later try', { tries: 2 }],
  ];
  test.each(strangers)('takes no record of a try from %s', async (_, stranger) => {
    await using given = await open();
    const create = owned();
    const { id } = create.requested;
    await run(given, create);
    const before = await storedSend(given, id);
    expect(await run(given, aSettle(id, stranger))).toEqual({ kind: 'superseded' });
    expect(await storedSend(given, id)).toEqual(before);
  });

  test('what a provider has accepted is never due again, nor settled or claimed a second time', async () => {
    await using given = await open();
    const create = owned();
    const { id } = create.requested;
    await run(given, create);
    const settles = times(10, () => aSettle(id));
    expect(tally(await runAtOnce(given, settles))).toEqual({ submitted: 1, superseded: 9 });
    const submitted = await storedSend(given, id);
    expect(submitted).toMatchObject({ status: 'submitted', providerMessageId: 'm1', endedAtMs: given.clock.wallMs() });
    expect(submitted.epoch).toBeUndefined();
    expect(await run(given, aClaim(id))).toEqual({ kind: 'gone' });
    given.clock.advance(60_000);
    expect(await given.store.dueSends(10)).toEqual([]);
  });

  test('a try that found no provider available is due when its backoff has passed, under a higher number', async () => {
    await using given = await open();
    const create = owned();
    const { id } = create.requested;
    await run(given, create);
    expect(await run(given, aSettle(id, { result: unavailable }))).toEqual({ kind: 'queued' });
    given.clock.advance(999);
    expect(await given.store.dueSends(10)).toEqual([]);
    given.clock.advance(1);
    expect(await given.store.dueSends(10)).toHaveLength(1);
    const [committed] = await given.store.commitBatch([aClaim(id, { epoch: 'e2' })]);
    expect(committed).toMatchObject({ outcome: { kind: 'claimed' }, job: { tries: 2, provider: 'first' } });
    // The first owner comes late.
    expect(await run(given, aSettle(id))).toEqual({ kind: 'superseded' });
    expect(await run(given, aSettle(id, { epoch: 'e2', tries: 2 }))).toEqual({ kind: 'submitted' });
  });

  test('drops what is claimed for a verification that has ended or is about to', async () => {
    await using given = await open();
    const [cancelled, expiring] = [aCreate(), aCreate()];
    await runBatch(given, [cancelled, expiring]);
    await run(given, aCancel({ verificationId: cancelled.requested.id }));
    expect(await run(given, aClaim(cancelled.requested.id))).toEqual({ kind: 'dropped' });
    given.clock.advance(290_001);
    expect(await run(given, aClaim(expiring.requested.id))).toEqual({ kind: 'dropped' });
    expect(await given.store.dueSends(10)).toEqual([]);
  });

  test('says so when a later command of the same commit has ended what an earlier one wants sent', async () => {
    await using given = await open();
    const replaced = owned();
    const { recipient } = replaced.requested;
    const newer = aCreate({ epoch: 'e1', requested: { recipient, reference: 'another login' } });
    const [first, second] = await given.store.commitBatch([replaced, newer]);
    expect(first).toMatchObject({ kind: 'done', job: { outdated: true } });
    expect(second).toMatchObject({ kind: 'done', job: { code: { verificationId: newer.requested.id } } });
    expect(second).not.toMatchObject({ job: { outdated: true } });
  });

  test('lists what is due in the order of time, as many as asked for', async () => {
    await using given = await open();
    const creates: string[] = [];
    for (let at = 0; at < 5; at++) {
      const create = aCreate();
      await run(given, create);
      creates.push(create.requested.id);
      given.clock.advance(10);
    }
    const due = await given.store.dueSends(3);
    expect(due.map(({ verificationId }) => verificationId)).toEqual(creates.slice(0, 3));
  });
}

export function persistentSendContract(open: OpenStore): void {
  test('a restart takes over what the process before it owned, and fences it off', async () => {
    await using given = await open({ epoch: 'e1' });
    const create = owned();
    const { id } = create.requested;
    await run(given, create);
    expect(await given.store.dueSends(10)).toEqual([]);
    await atRest(given).reopen({ epoch: 'e2' });
    expect(await given.store.dueSends(10)).toEqual([{ tenantId, verificationId: id, number: 1 }]);
    expect(await run(given, aSettle(id))).toEqual({ kind: 'superseded' });
    expect(await run(given, aClaim(id, { epoch: 'e2' }))).toEqual({ kind: 'claimed' });
    expect(await run(given, aSettle(id))).toEqual({ kind: 'superseded' });
    expect(await run(given, aSettle(id, { epoch: 'e2', tries: 2 }))).toEqual({ kind: 'submitted' });
  });

  test('a try that was interrupted is made once more and marked, and fails when that one is interrupted too', async () => {
    await using given = await open({ epoch: 'e1' });
    const create = owned();
    const { id } = create.requested;
    await run(given, create);
    await atRest(given).reopen({ epoch: 'e2' });
    expect(await run(given, aClaim(id, { epoch: 'e2' }))).toEqual({ kind: 'claimed' });
    expect(await storedSend(given, id)).toMatchObject({ possibleDuplicate: true, tries: 2, reason: 'interrupted' });
    await atRest(given).reopen({ epoch: 'e3' });
    expect(await run(given, aClaim(id, { epoch: 'e3' }))).toEqual({ kind: 'failed' });
    expect(await storedSend(given, id)).toMatchObject({ status: 'failed', reason: 'outcome-unknown', tries: 2 });
  });

  test('where the provider tells repetitions apart, an interrupted try is repeated without a mark', async () => {
    await using given = await open({ epoch: 'e1' });
    const create = owned();
    const { id } = create.requested;
    await run(given, create);
    await atRest(given).reopen({ epoch: 'e2' });
    expect(await run(given, aClaim(id, { epoch: 'e2', deduplicating: ['first'] }))).toEqual({ kind: 'claimed' });
    expect(await storedSend(given, id)).toMatchObject({ possibleDuplicate: false, tries: 2 });
  });

  test('a message whose try had not begun is claimed after a restart without a mark', async () => {
    await using given = await open();
    const create = aCreate();
    await run(given, create);
    await atRest(given).reopen({ epoch: 'e2' });
    expect(await run(given, aClaim(create.requested.id, { epoch: 'e2' }))).toEqual({ kind: 'claimed' });
    expect(await storedSend(given, create.requested.id)).toMatchObject({ possibleDuplicate: false, tries: 1 });
  });

  test('what was accepted before a restart is not due after it', async () => {
    await using given = await open({ epoch: 'e1' });
    const creates = times(20, () => owned());
    await runBatch(given, creates);
    const ids = creates.map(({ requested }) => requested.id);
    await runBatch(
      given,
      ids.slice(0, 15).map((id) => aSettle(id)),
    );
    await atRest(given).reopen({ epoch: 'e2' });
    const due = await given.store.dueSends(100);
    expect(due.map(({ verificationId }) => verificationId).sort()).toEqual(ids.slice(15));
  });
}
