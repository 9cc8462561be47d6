import { expect, test } from 'vitest';
import { withActiveKey } from '../../src/domain/keys.ts';
import { openSecret, sealSecret, type WebhookDelivery } from '../../src/domain/webhook.ts';
import type { ClaimDelivery, DeliveryKey, SettleDelivery } from '../../src/engine/commands/carry-delivery.ts';
import type { CreateEndpoint } from '../../src/engine/commands/change-endpoint.ts';
import type { VerificationEvent } from '../../src/engine/events.ts';
import {
  aCancel,
  aCreate,
  aRightCheck,
  freshId,
  freshNumber,
  keys,
  otherTenantId,
  tenantId,
  times,
} from '../builders.ts';
import { by } from './administrative.ts';
import { atRest, type OpenStore, run, runAtOnce, runBatch, type StoreUnderTest, tally } from './given.ts';

const day = 86_400_000;
const secret = Buffer.alloc(32, 5);

function anEndpoint(events: readonly string[] = [], tenant = tenantId): CreateEndpoint {
  const id = freshId();
  const place = { tenantId: tenant, id };
  const sealed = sealSecret(secret, place, keys, Buffer.alloc(12, 3));
  const rest = { url: 'https://example.com/', events, description: '', fullRecipient: false, secret: sealed };
  return { kind: 'create-endpoint', tenantId: tenant, by, endpoint: { ...place, ...rest } };
}

const aClaim = (key: DeliveryKey, given: Partial<ClaimDelivery> = {}): ClaimDelivery => ({
  kind: 'claim-delivery',
  tenantId,
  key,
  epoch: 'e1',
  ...given,
});

const aSettle = (key: DeliveryKey, given: Partial<SettleDelivery> = {}): SettleDelivery => ({
  kind: 'settle-delivery',
  tenantId,
  key,
  epoch: 'e1',
  attempts: 0,
  result: { kind: 'delivered', httpStatus: 200 },
  jitter: 0.5,
  ...given,
});

/** Oldest first. */
async function toldTo({ store }: StoreUnderTest, endpoint: CreateEndpoint): Promise<readonly WebhookDelivery[]> {
  const { tenantId: owner, id } = endpoint.endpoint;
  const found = await store.queries.webhookDeliveries(owner, id, undefined, 100);
  return [...found].reverse();
}

const summary = (deliveries: readonly WebhookDelivery[]) => deliveries.map(({ event, status }) => `${event} ${status}`);
const due = async ({ store }: StoreUnderTest) => (await store.queries.dueDeliveries('', 500)).due;

/** Tells all that is due, one after another. @returns the events, in the order in which they were told */
async function tellAll(given: StoreUnderTest): Promise<VerificationEvent[]> {
  const events: VerificationEvent[] = [];
  for (let round = 0; round < 100; round++) {
    const [next] = await due(given);
    if (next === undefined) break;
    const { tenantId: owner, ...key } = next;
    const claimed = await run(given, aClaim(key, { tenantId: owner }));
    if (claimed.kind === 'claimed') events.push(JSON.parse(claimed.event));
    await run(given, aSettle(key, { tenantId: owner }));
  }
  return events;
}

export function eventContract(open: OpenStore): void {
  test('where nobody listens, nothing is written and nobody is woken', async () => {
    await using given = await open();
    const create = aCreate({ tenantId: otherTenantId });
    await run(given, anEndpoint());
    const committed = await given.store.commitBatch([create, aRightCheck(create)]);
    expect(committed.map((one) => 'tells' in one)).toEqual([false, false]);
    expect(await due(given)).toEqual([]);
    given.clock.advance(day);
    expect(await given.store.queries.dueExpiries(10)).toEqual([]);
  });

  test('what happens is told in its order, each after the one before, in the commit that it happens in', async () => {
    await using given = await open();
    const endpoint = anEndpoint();
    const create = aCreate();
    await run(given, endpoint);
    const { commits } = given.store.counters();
    const [committed] = await given.store.commitBatch([create]);
    expect([given.store.counters().commits - commits, committed]).toEqual([
      1,
      expect.objectContaining({ tells: true }),
    ]);
    await run(given, aRightCheck(create));
    expect(summary(await toldTo(given, endpoint))).toEqual([
      'verification.created queued',
      'send.created waiting',
      'verification.verified waiting',
    ]);
    const events = await tellAll(given);
    expect(events.map(({ kind, verification }) => [kind, verification.status])).toEqual([
      ['verification.created', 'pending'],
      ['send.created', 'pending'],
      ['verification.verified', 'verified'],
    ]);
    expect(events[1]?.send).toMatchObject({ number: 1, status: 'queued' });
    for (const event of events) expect(JSON.stringify(event)).not.toContain(create.requested.code.salt);
  });

  test('twenty right codes at once make one event, with an id that follows from what it tells', async () => {
    await using given = await open();
    const endpoint = anEndpoint(['verification.verified']);
    const create = aCreate();
    await runBatch(given, [endpoint, create]);
    const checks = times(20, () => aRightCheck(create));
    expect(tally(await runAtOnce(given, checks, 3))).toEqual({ verified: 1, 'already-verified': 19 });
    const [delivery, ...more] = await toldTo(given, endpoint);
    expect(more).toEqual([]);
    expect(delivery?.eventId).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    await using again = await open();
    await runBatch(again, [endpoint, create]);
    await run(again, aRightCheck(create));
    expect((await toldTo(again, endpoint)).map(({ eventId }) => eventId)).toEqual([delivery?.eventId]);
  });

  test('a verification that another takes the place of is told as cancelled', async () => {
    await using given = await open();
    const recipient = freshNumber();
    const endpoint = anEndpoint(['verification.cancelled', 'verification.created']);
    const [first, second] = times(2, (at) => aCreate({ requested: { recipient, reference: `r${at}` } }));
    if (first === undefined || second === undefined) throw new Error('unreachable');
    await runBatch(given, [endpoint, first, second]);
    const events = (await tellAll(given)).map(({ kind, verification }) => [kind, verification.id]);
    expect(events.filter(([, id]) => id === first.requested.id)).toEqual([
      ['verification.created', first.requested.id],
      ['verification.cancelled', first.requested.id],
    ]);
    expect(events.filter(([, id]) => id === second.requested.id)).toEqual([
      ['verification.created', second.requested.id],
    ]);
  });

  test('one of twenty who claim a delivery has it, and nobody else may record what became of it', async () => {
    await using given = await open();
    await runBatch(given, [anEndpoint(['verification.created']), aCreate()]);
    const [next] = await due(given);
    if (next === undefined) throw new Error('nothing is due');
    const { tenantId: _, ...key } = next;
    const claims = times(20, (at) => aClaim(key, { epoch: at === 0 ? 'e1' : `e${at}x` }));
    expect(tally(await runAtOnce(given, claims))).toEqual({ claimed: 1, gone: 19 });
    expect(await due(given)).toEqual([]);
    for (const stranger of [{ epoch: 'e9' }, { attempts: 1 }, { tenantId: otherTenantId }]) {
      expect(await run(given, aSettle(key, stranger))).toEqual({ kind: 'superseded' });
    }
    expect(await run(given, aClaim(key, { tenantId: otherTenantId }))).toEqual({ kind: 'gone' });
    expect(
      tally(
        await runAtOnce(
          given,
          times(5, () => aSettle(key)),
        ),
      ),
    ).toEqual({ delivered: 1, superseded: 4 });
  });

  test('a look finds a few of each destination, so that one with much stands before nobody', async () => {
    await using given = await open();
    const endpoints = times(3, () => anEndpoint(['verification.created']));
    await runBatch(given, [...endpoints, ...times(10, () => aCreate())]);
    const found = await due(given);
    const counts = endpoints.map(({ endpoint: { id } }) => found.filter((one) => one.destination === id).length);
    expect(counts).toEqual([4, 4, 4]);
    const first = await given.store.queries.dueDeliveries('', 1);
    const second = await given.store.queries.dueDeliveries(first.next ?? '', 1);
    expect(first.due[0]?.destination).not.toBe(second.due[0]?.destination);
  });

  test('what is on its way to an endpoint that is deleted or disabled is dropped', async () => {
    await using given = await open();
    const [deleted, disabled] = times(2, () => anEndpoint(['verification.created', 'verification.cancelled']));
    if (deleted === undefined || disabled === undefined) throw new Error('unreachable');
    const create = aCreate();
    await runBatch(given, [deleted, disabled, create, aCancel({ verificationId: create.requested.id })]);
    await runBatch(given, [
      { kind: 'delete-endpoint', tenantId, by, id: deleted.endpoint.id },
      { kind: 'change-endpoint', tenantId, by, id: disabled.endpoint.id, changes: { enabled: false } },
    ]);
    expect(await tellAll(given)).toEqual([]);
    const told = [...(await toldTo(given, deleted)), ...(await toldTo(given, disabled))];
    expect(told.map(({ status, reason }) => [status, reason])).toEqual([
      ['dropped', 'endpoint-deleted'],
      ['dropped', 'endpoint-deleted'],
      ['dropped', 'endpoint-disabled'],
      ['dropped', 'endpoint-disabled'],
    ]);
  });

  test('that a verification ran out is told once, in the millisecond it does, and never of one that ended', async () => {
    await using given = await open();
    const endpoint = anEndpoint(['verification.expired']);
    const [left, verified] = times(2, () => aCreate());
    if (left === undefined || verified === undefined) throw new Error('unreachable');
    await runBatch(given, [endpoint, left, verified, aRightCheck(verified)]);
    const [verificationId, other] = [left.requested.id, verified.requested.id];
    const expire = (id: string, tenant = tenantId) =>
      run(given, { kind: 'expire', tenantId: tenant, verificationId: id });
    given.clock.advance(299_999);
    expect(await given.store.queries.dueExpiries(10)).toEqual([]);
    expect(await expire(verificationId)).toEqual({ kind: 'early' });
    given.clock.advance(1);
    expect(await given.store.queries.dueExpiries(10)).toHaveLength(2);
    expect(await expire(verificationId, otherTenantId)).toEqual({ kind: 'ended' });
    expect(await given.store.queries.dueExpiries(10)).toHaveLength(2);
    expect([await expire(verificationId), await expire(other)]).toEqual([{ kind: 'expired' }, { kind: 'ended' }]);
    expect(await given.store.queries.dueExpiries(10)).toEqual([]);
    const events = await tellAll(given);
    expect(events.map(({ kind, verification: { id, status } }) => [kind, id, status])).toEqual([
      ['verification.expired', verificationId, 'expired'],
    ]);
  });

  test('what was told is kept for seven days, and what could not be for seven more', async () => {
    await using given = await open();
    const endpoint = anEndpoint(['verification.created']);
    await runBatch(given, [endpoint, aCreate()]);
    await tellAll(given);
    await run(given, aCreate());
    const purge = (limit = 500) => given.store.maintain({ kind: 'purge-events', olderThanMs: 7 * day }, limit);
    given.clock.advance(7 * day);
    expect(await purge()).toBe(0);
    given.clock.advance(1);
    expect([await purge(), await purge()]).toEqual([1, 0]);
    expect(summary(await toldTo(given, endpoint))).toEqual(['verification.created queued']);
    given.clock.advance(7 * day);
    expect([await purge(), await purge()]).toEqual([1, 0]);
    expect(await toldTo(given, endpoint)).toEqual([]);
  });

  const forgetting: [how: string, forget: (given: StoreUnderTest, recipient: string) => Promise<number>][] = [
    ['erased', ({ store }, recipient) => store.maintain({ kind: 'erase-recipient', tenantId, recipient }, 500)],
    [
      'purged',
      ({ store, clock }) => {
        clock.advance(2 * day);
        return store.maintain({ kind: 'purge-verifications', olderThanMs: day }, 500);
      },
    ],
  ];
  test.each(forgetting)(
    'what is told of a person goes when it is %s, and whoever carries it records nothing',
    async (_, forget) => {
      await using given = await open();
      const endpoint = anEndpoint();
      const create = aCreate();
      await runBatch(given, [endpoint, create]);
      const [next] = await due(given);
      if (next === undefined) throw new Error('nothing is due');
      const { tenantId: __, ...key } = next;
      await run(given, aClaim(key));
      expect(await forget(given, create.requested.recipient)).toBeGreaterThan(0);
      expect(await toldTo(given, endpoint)).toEqual([]);
      expect(await run(given, aSettle(key))).toEqual({ kind: 'superseded' });
      given.clock.advance(day);
      expect(await given.store.queries.dueExpiries(10)).toEqual([]);
    },
  );

  test('secrets are counted with their data key, and sealed anew with it', async () => {
    await using given = await open();
    const create = anEndpoint();
    const { id } = create.endpoint;
    const place = { tenantId, id };
    const another = sealSecret(Buffer.alloc(32, 6), place, keys, Buffer.alloc(12, 4));
    const rotate = { kind: 'rotate-endpoint-secret', tenantId, by, id, secret: another, overlapMs: day } as const;
    await runBatch(given, [create, rotate]);
    expect((await given.store.queries.keyUsage()).data).toEqual({ d1: 2 });
    const rings = withActiveKey(keys, 'data', 'd2', new Uint8Array(32).fill(9));
    await given.store.useKeys(rings);
    const nonces = times(10, (at) => Buffer.alloc(12, at + 10).toString('hex'));
    expect(await given.store.maintain({ kind: 'rewrap', nonces }, 500)).toBe(2);
    expect((await given.store.queries.keyUsage()).data).toEqual({ d2: 2 });
    await run(given, { kind: 'change-endpoint', tenantId, by, id, changes: { description: 'still there' } });
    const [endpoint] = await given.store.queries.webhookEndpoints(tenantId);
    if (endpoint?.previous === undefined) throw new Error('the secret before is gone');
    expect(openSecret(endpoint.secret, place, rings)).toEqual(Buffer.alloc(32, 6));
    expect(openSecret(endpoint.previous, place, rings)).toEqual(secret);
  });
}

/** What has to outlive the store. */
export function persistentEventContract(open: OpenStore): void {
  test('what a dead process had on its way is due again for the next one, with the same id', async () => {
    await using given = await open();
    const endpoint = anEndpoint(['verification.created']);
    await runBatch(given, [endpoint, aCreate()]);
    const [next] = await due(given);
    if (next === undefined) throw new Error('nothing is due');
    const { tenantId: _, ...key } = next;
    await run(given, aClaim(key));
    const [before] = await toldTo(given, endpoint);
    await atRest(given).reopen({ epoch: 'e2' });
    expect(await due(given)).toEqual([next]);
    expect(await run(given, aSettle(key))).toEqual({ kind: 'superseded' });
    expect(await run(given, aClaim(key, { epoch: 'e2' }))).toMatchObject({ kind: 'claimed' });
    expect((await toldTo(given, endpoint))[0]?.eventId).toBe(before?.eventId);
  });

  test('an erased person is in no event on disk any more', async () => {
    await using given = await open();
    const create = aCreate({ requested: { recipient: 'erased.person@canary.example' } });
    const { recipient } = create.requested;
    await runBatch(given, [anEndpoint(), create]);
    expect(atRest(given).bytes().includes(recipient)).toBe(true);
    for (const kind of ['erase-recipient', 'erase-traces'] as const) {
      for (let batch = 0; batch < 10; batch++) await given.store.maintain({ kind, tenantId, recipient }, 500);
    }
    await given.store.truncateLog();
    expect(atRest(given).bytes().includes(recipient)).toBe(false);
  });
}
