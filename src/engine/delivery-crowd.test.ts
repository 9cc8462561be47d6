import { expect, test } from 'vitest';
import { aCancel, aTenant, otherTenantId, tenantId, times } from '../../testing/builders.ts';
import { carried, settled } from '../../testing/carried.ts';
import { openEngine, scripted, type TestEngine } from '../../testing/engine.ts';
import { until } from '../../testing/until.ts';

/** So many messages that some wait their turn, behind providers that hang until they are let go. */
async function crowd(given: TestEngine) {
  return Promise.all(times(300, () => carried(given)));
}

test('of messages that waited their turn, those of ended verifications are dropped and not sent', async () => {
  let release: (outcome: { kind: 'accepted' }) => void = () => undefined;
  const held = new Promise<{ kind: 'accepted' }>((resolve) => {
    release = resolve;
  });
  const first = scripted('first', [held]);
  await using given = await openEngine({ providers: [first], tryTimeoutMs: 20_000 });
  const commands = await crowd(given);
  await until('all places to be taken', () => (first.calls.length === 256 ? true : undefined));
  const cancelled = commands.slice(-10);
  await Promise.all(
    cancelled.map(({ requested: { id } }) => given.committer.commit(aCancel({ verificationId: id }), 'change')),
  );
  release({ kind: 'accepted' });
  const sends = await Promise.all(commands.map((command) => settled(given, command)));
  expect(sends.slice(0, -10).every(({ status }) => status === 'submitted')).toBe(true);
  expect(sends.slice(-10).every(({ status }) => status === 'dropped')).toBe(true);
  expect(first.calls).toHaveLength(290);
});

test('closing waits for what is under way, hands back what has not begun, and takes no more', async () => {
  let release: (outcome: { kind: 'accepted' }) => void = () => undefined;
  const held = new Promise<{ kind: 'accepted' }>((resolve) => {
    release = resolve;
  });
  const first = scripted('first', [held]);
  await using given = await openEngine({ providers: [first], tryTimeoutMs: 20_000 });
  await crowd(given);
  await until('all places to be taken', () => (first.calls.length === 256 ? true : undefined));
  let closed = false;
  const closing = given.delivery.close().then(() => {
    closed = true;
  });
  expect(given.delivery.epoch).toBeUndefined();
  const handedBack = await until('the rest to be handed back', async () => {
    const due = await given.store.dueSends(300);
    return due.length === 44 ? due : undefined;
  });
  expect(closed).toBe(false);
  release({ kind: 'accepted' });
  await closing;
  expect(first.calls).toHaveLength(256);
  expect((await given.store.queries.counts()).sends).toEqual({ submitted: 256, queued: 44 });
  const [send] = await given.store.queries.sends(tenantId, handedBack[0]?.verificationId ?? '');
  expect(send).toMatchObject({ tryOpen: false, possibleDuplicate: false, reason: 'stopped' });
});

test('takes upon itself a thousand messages at most; more are written for any process', async () => {
  const first = scripted('first', ['hangs']);
  await using given = await openEngine({ providers: [first], tryTimeoutMs: 300 });
  await Promise.all(times(999, () => carried(given)));
  expect(given.delivery.epoch).toBe('e1');
  await carried(given);
  expect(given.delivery.epoch).toBeUndefined();
});

test('one tenant takes three quarters of the places at most, and its crowd does not hold up another', async () => {
  let release: (outcome: { kind: 'accepted' }) => void = () => undefined;
  const held = new Promise<{ kind: 'accepted' }>((resolve) => {
    release = resolve;
  });
  const first = scripted('first', [...times(256, () => held), 'hangs']);
  const tenants = [aTenant(), aTenant({ tenantId: otherTenantId })];
  await using given = await openEngine({ providers: [first], tryTimeoutMs: 2000, tenants });
  await Promise.all(times(750, () => carried(given)));
  expect(given.delivery.epochFor(tenantId)).toBeUndefined();
  expect(given.delivery.epochFor(otherTenantId)).toBe('e1');
  expect(await given.delivery.claimDue()).toBe(0);
  const calm = await carried(given, { tenantId: otherTenantId });
  expect([given.delivery.running, given.delivery.total, given.delivery.of(otherTenantId)]).toEqual([256, 751, 1]);
  release({ kind: 'accepted' });
  const reference = `${calm.requested.id}-1`;
  const place = await until('its turn', () => {
    const at = first.calls.findIndex((call) => call.reference === reference);
    return at === -1 ? undefined : at;
  });
  // Behind those that were under way, and one of the crowd whose turn came first.
  expect(place).toBeLessThanOrEqual(257);
});
