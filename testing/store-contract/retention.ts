import { expect, test } from 'vitest';
import type { CreateVerification } from '../../src/engine/commands/create-verification.ts';
import type { MaintenanceJob } from '../../src/engine/store.ts';
import {
  aCancel,
  aCheck,
  aCreate,
  aResend,
  aRightCheck,
  freshNumber,
  otherTenantId,
  tenantId,
  times,
} from '../builders.ts';
import { everythingIn, found } from './copied.ts';
import { atRest, type OpenStore, run, runBatch, type StoreUnderTest, stored } from './given.ts';

const day = 86_400_000;
const lifeMs = 300_000;

/** What only says who it was, all of it recognisable. */
const telling = {
  reference: 'canary-reference',
  locale: 'fr-canary',
  sender: 'CanarySender',
  template: 'canary {{code}}',
  metadata: '{"canary":"metadata"}',
  signals: '{"canary":"signals"}',
};
const canaries = ['canary', 'Canary'];

const aTellingCreate = (recipient = freshNumber(), given: Parameters<typeof aCreate>[0] = {}): CreateVerification =>
  aCreate({ ...given, requested: { recipient, country: 'FR', ...telling, ...given.requested } });

const aKey = (key: string) => ({ key, keyId: 'p1', fingerprints: { p1: 'f' } });

/** Runs a job to its end. @returns rows dealt with */
async function toTheEnd({ store }: StoreUnderTest, job: MaintenanceJob, limit = 500): Promise<number> {
  let rows = 0;
  for (let batch = 0; batch < 1000; batch++) {
    const dealt = await store.maintain(job, limit);
    if (dealt === 0) return rows;
    rows += dealt;
  }
  throw new Error('it never ends');
}

const recipients: MaintenanceJob = { kind: 'purge-verifications', olderThanMs: 30 * day };
const rows: MaintenanceJob = { kind: 'purge-verification-rows', olderThanMs: 400 * day };
const pseudonym = expect.stringMatching(/^#p1:[0-9a-f]{32}$/);
const listed = async ({ store }: StoreUnderTest, recipient: string) =>
  (await store.queries.verifications({ tenantId, recipient, limit: 50 })).rows.map(({ id }) => id);
const ids = (creates: readonly CreateVerification[]) => creates.map(({ requested }) => requested.id);

export function retentionContract(open: OpenStore): void {
  test('thirty days after it ran out, a verification no longer says who it was, and still what happened', async () => {
    await using given = await open();
    const creates = times(5, (at) => aTellingCreate(freshNumber(), { idempotency: aKey(`k${at}`) }));
    await runBatch(given, creates);
    const [verified, failed, cancelled, resent] = creates;
    if (!verified || !failed || !cancelled || !resent) throw new Error('unreachable');
    await run(given, aRightCheck(verified));
    for (let guess = 0; guess < 5; guess++) await run(given, aCheck({ verificationId: failed.requested.id }));
    await run(given, aCancel({ verificationId: cancelled.requested.id }));
    given.clock.advance(30_000);
    await run(given, aResend({ verificationId: resent.requested.id }));
    const before = await Promise.all(ids(creates).map((id) => stored(given, id)));

    given.clock.advance(lifeMs - 30_000 + 30 * day);
    expect(await given.store.maintain(recipients, 500)).toBe(0);
    given.clock.advance(1);
    expect(await toTheEnd(given, recipients)).toBe(5);
    await toTheEnd(given, { kind: 'purge-idempotency' });
    await toTheEnd(given, { kind: 'erase-expired-codes' });

    for (const row of before) {
      const gone = Object.fromEntries(Object.keys(telling).map((name) => [name, undefined]));
      const code = { ...row.code, salt: undefined, sealed: undefined };
      expect(await stored(given, row.id)).toEqual({ ...row, ...gone, code, recipient: pseudonym });
      expect(await given.store.queries.sends(tenantId, row.id)).toEqual([]);
    }
    const numbers = creates.map(({ requested }) => requested.recipient);
    expect(found([...numbers, ...canaries], await everythingIn(given))).toEqual([]);
  });

  test('a recipient has one pseudonym with a tenant, and another one with the next', async () => {
    await using given = await open();
    const recipient = freshNumber();
    const own = times(2, () => aCreate({ whilePending: 'separate', requested: { recipient } }));
    const other = aCreate({ tenantId: otherTenantId, requested: { recipient } });
    await runBatch(given, [...own, other]);
    given.clock.advance(31 * day);
    await toTheEnd(given, recipients);
    const [one, two] = await Promise.all(ids(own).map((id) => stored(given, id)));
    const third = await given.store.queries.verification(otherTenantId, other.requested.id);
    expect([one?.recipient, third?.recipient]).toEqual([pseudonym, pseudonym]);
    expect(two?.recipient).toBe(one?.recipient);
    expect(third?.recipient).not.toBe(one?.recipient);
  });

  test('leaves what is younger alone, and the list of a recipient ends where it is no longer its own', async () => {
    await using given = await open();
    const recipient = freshNumber();
    const old = times(3, () => aTellingCreate(recipient, { whilePending: 'separate' }));
    await runBatch(given, old);
    given.clock.advance(20 * day);
    const young = aTellingCreate(recipient, { whilePending: 'separate' });
    await run(given, young);
    const before = await stored(given, young.requested.id);
    expect(await listed(given, recipient)).toEqual([young.requested.id, ...ids(old).reverse()]);
    given.clock.advance(11 * day);
    expect(await toTheEnd(given, recipients)).toBe(3);
    expect(await stored(given, young.requested.id)).toEqual(before);
    expect(await given.store.queries.sends(tenantId, young.requested.id)).toHaveLength(1);
    expect(await listed(given, recipient)).toEqual([young.requested.id]);
  });

  test('goes on where it stopped, reads no more rows than it may change, and begins again once all are gone', async () => {
    await using given = await open();
    for (let round = 0; round < 2; round++) {
      await runBatch(
        given,
        times(25, () => aCreate()),
      );
      given.clock.advance(31 * day);
      const dealt: number[] = [];
      for (let batch = 0; batch < 4; batch++) dealt.push(await given.store.maintain(recipients, 10));
      expect(dealt).toEqual([10, 10, 5, 0]);
      given.clock.advance(370 * day);
      expect(await toTheEnd(given, rows, 10)).toBe(25);
      expect((await given.store.queries.counts()).verifications).toBe(0);
    }
  });

  test('verifications go whole after four hundred days, and not before their recipients', async () => {
    await using given = await open();
    await run(given, aCreate());
    given.clock.advance(400 * day + lifeMs);
    await toTheEnd(given, recipients);
    expect(await given.store.maintain(rows, 500)).toBe(0);
    given.clock.advance(1);
    const late = aCreate();
    await run(given, late);
    expect(await given.store.maintain(rows, 500)).toBe(1);
    given.clock.advance(500 * day);
    expect(await given.store.maintain(rows, 500)).toBe(0);
    await toTheEnd(given, recipients);
    expect(await given.store.maintain(rows, 500)).toBe(1);
  });

  test('a verification that outlives those behind it by its longer life keeps them waiting, for a day at most', async () => {
    await using given = await open();
    const long = aCreate({ requested: { ttlSeconds: 86_400 } });
    await runBatch(given, [long, aCreate()]);
    given.clock.advance(30 * day + lifeMs + 1);
    expect(await toTheEnd(given, recipients)).toBe(0);
    given.clock.advance(day);
    expect(await toTheEnd(given, recipients)).toBe(2);
  });

  test('a recipient that has to wait is not forgotten before its wait is over', async () => {
    await using given = await open();
    const recipient = freshNumber();
    const creates = times(2, () => aCreate({ whilePending: 'separate', requested: { recipient, ttlSeconds: 60 } }));
    await runBatch(given, creates);
    given.clock.advance(59_000);
    for (const verificationId of ids(creates)) {
      for (let guess = 0; guess < 5; guess++) await run(given, aCheck({ verificationId }));
    }
    given.clock.advance(10_000);
    const soon: MaintenanceJob = { kind: 'purge-verifications', olderThanMs: 1000 };
    expect(await toTheEnd(given, soon)).toBe(1);
    const next = aCreate({ requested: { recipient } });
    await run(given, next);
    expect(await run(given, aRightCheck(next))).toMatchObject({ kind: 'locked' });
    given.clock.advance(20_000);
    expect(await toTheEnd(given, soon)).toBe(1);
  });

  test('what was remembered of a purged recipient is forgotten with it', async () => {
    await using given = await open();
    const create = aTellingCreate();
    const { id, recipient } = create.requested;
    await run(given, create);
    given.clock.advance(31 * day);
    await toTheEnd(given, recipients);
    expect(await run(given, aRightCheck(create))).toMatchObject({
      kind: 'expired',
      verification: { id, recipient: pseudonym, country: 'FR' },
    });
    expect(await run(given, aCancel({ verificationId: id }))).toMatchObject({ kind: 'ended', status: 'expired' });
    const again = aTellingCreate(recipient);
    expect(await run(given, again)).toMatchObject({ kind: 'created' });
    expect(await run(given, aRightCheck(again))).toMatchObject({ kind: 'verified' });
    expect(await listed(given, recipient)).toEqual([again.requested.id]);
  });

  test('a newer verification of a recipient does not keep an older one’s reference', async () => {
    await using given = await open();
    const old = aTellingCreate();
    await run(given, old);
    given.clock.advance(20 * day);
    await run(given, aCreate({ whilePending: 'separate', requested: { recipient: old.requested.recipient } }));
    given.clock.advance(11 * day);
    await toTheEnd(given, recipients);
    expect(found([telling.reference], await everythingIn(given))).toEqual([]);
  });

  test('end-user addresses go two days after they were last seen, and may come back', async () => {
    await using given = await open();
    const from = (address: string) => aCreate({ address });
    await run(given, from('192.0.2.7'));
    given.clock.advance(day);
    await run(given, from('192.0.2.8'));
    const job: MaintenanceJob = { kind: 'purge-addresses' };
    given.clock.advance(day);
    expect(await given.store.maintain(job, 10)).toBe(0);
    given.clock.advance(1);
    expect(await toTheEnd(given, job)).toBe(1);
    expect(found(['192.0.2.7', '192.0.2.8'], await everythingIn(given))).toEqual(['192.0.2.8']);
    expect(await run(given, from('192.0.2.7'))).toMatchObject({ kind: 'created' });
  });

  test('a person who is erased is gone at once from all tables, pending or not; nobody else is', async () => {
    await using given = await open();
    const recipient = freshNumber();
    const old = aTellingCreate(recipient);
    await run(given, old);
    given.clock.advance(31 * day);
    await toTheEnd(given, recipients);
    const was = await stored(given, old.requested.id);
    const done = aTellingCreate(recipient, { idempotency: aKey('k1') });
    await run(given, done);
    await run(given, { ...aRightCheck(done), idempotency: aKey('k2') });
    const pending = aTellingCreate(recipient, { requested: { reference: 'canary-two' } });
    await run(given, pending);
    const stranger = aTellingCreate(`${recipient}0`, { idempotency: aKey('k3') });
    const elsewhere = aTellingCreate(recipient, { tenantId: otherTenantId });
    await runBatch(given, [stranger, elsewhere]);

    const person = { tenantId, recipient };
    expect(await toTheEnd(given, { kind: 'erase-recipient', ...person }, 1)).toBe(5);
    await toTheEnd(given, { kind: 'erase-traces', ...person }, 1);
    expect(await given.store.maintain({ kind: 'erase-recipient', ...person }, 500)).toBe(0);

    expect(await stored(given, old.requested.id)).toEqual({ ...was, recipient: '#erased' });
    expect(await stored(given, done.requested.id)).toMatchObject({ recipient: '#erased', status: 'verified' });
    const { status, code } = await stored(given, pending.requested.id);
    expect({ status, salt: code.salt }).toEqual({ status: 'cancelled', salt: undefined });
    expect(await run(given, aRightCheck(pending))).toMatchObject({ kind: 'cancelled' });
    expect(await listed(given, recipient)).toEqual([]);
    expect((await given.store.dueSends(50)).map(({ verificationId }) => verificationId)).not.toContain(
      pending.requested.id,
    );
    expect(await listed(given, `${recipient}0`)).toEqual([stranger.requested.id]);
    expect(await run(given, stranger)).toMatchObject({ kind: 'replayed' });
    expect(await given.store.queries.verification(otherTenantId, elsewhere.requested.id)).toMatchObject({ recipient });

    await toTheEnd(given, { kind: 'erase-recipient', tenantId: otherTenantId, recipient });
    const left = (await everythingIn(given)).replaceAll(`${recipient}0`, '');
    expect(found([recipient, was.recipient, 'canary-two', 'erasing'], left)).toEqual([]);
    expect(await run(given, aCreate({ requested: { recipient } }))).toMatchObject({ kind: 'created' });
  });

  test('an erasure that was interrupted goes on with what came meanwhile', async () => {
    await using given = await open();
    const recipient = freshNumber();
    const creates = times(12, () => aTellingCreate(recipient, { whilePending: 'separate' }));
    await runBatch(given, creates.slice(0, 8));
    const job: MaintenanceJob = { kind: 'erase-recipient', tenantId, recipient };
    expect(await given.store.maintain(job, 5)).toBe(10);
    await runBatch(given, creates.slice(8));
    expect(await toTheEnd(given, job, 5)).toBe(2 * 7 + 1);
    for (const id of ids(creates)) expect((await stored(given, id)).recipient).toBe('#erased');
    expect(found([recipient, ...canaries], await everythingIn(given))).toEqual([]);
  });

  test('while it purges, creates and checks are answered as ever', async () => {
    await using given = await open();
    await runBatch(
      given,
      times(250, () => aCreate()),
    );
    given.clock.advance(31 * day);
    const purged = toTheEnd(given, recipients, 10);
    for (let round = 0; round < 40; round++) {
      const create = aCreate();
      expect(await run(given, create)).toMatchObject({ kind: 'created' });
      expect(await run(given, aCheck({ verificationId: create.requested.id }))).toMatchObject({ kind: 'wrong-code' });
      expect(await run(given, aRightCheck(create))).toMatchObject({ kind: 'verified' });
    }
    expect(await purged).toBe(250);
  });
}

export function persistentRetentionContract(open: OpenStore): void {
  test('of what was purged or erased nothing is left on the disk, in no file', async () => {
    await using given = await open();
    const creates = times(300, () => aTellingCreate());
    const erased = aTellingCreate();
    await runBatch(given, [...creates, erased]);
    const numbers = [...creates, erased].map(({ requested }) => requested.recipient);
    expect(found(numbers, atRest(given).bytes())).toHaveLength(301);
    given.clock.advance(1000);
    const { recipient } = erased.requested;
    await toTheEnd(given, { kind: 'erase-recipient', tenantId, recipient });
    expect(await given.store.truncateLog()).toBe(true);
    expect(found([recipient], atRest(given).bytes())).toEqual([]);
    given.clock.advance(31 * day);
    await toTheEnd(given, recipients);
    expect(await given.store.truncateLog()).toBe(true);
    expect(found([...numbers, ...canaries], atRest(given).bytes())).toEqual([]);
  });

  test('what was written under a time that was too late is purged when an operator has set it right', async () => {
    await using given = await open();
    const step = 400 * day;
    await atRest(given).close();
    given.clock.stepWall(step);
    await atRest(given).reopen();
    const create = aTellingCreate();
    await run(given, create);
    await run(given, aRightCheck(create));
    await atRest(given).close();
    given.clock.stepWall(-step);
    await atRest(given).reopen({ confirmClock: true });
    await run(given, aCreate());
    given.clock.advance(31 * day);
    expect(await toTheEnd(given, recipients)).toBe(2);
    expect(found([create.requested.recipient, ...canaries], await everythingIn(given))).toEqual([]);
  });
}
