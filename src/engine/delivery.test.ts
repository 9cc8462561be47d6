import { expect, test } from 'vitest';
import { aCancel, codeSent, keys, recordedLog, times, wrongCode } from '../../testing/builders.ts';
import { again, carried, sendOf, settled } from '../../testing/carried.ts';
import { startMs } from '../../testing/clock.ts';
import { openEngine, scripted } from '../../testing/engine.ts';
import type { Committer } from './committer.ts';
import { Delivery } from './delivery.ts';
import { createDirectory } from './directory.ts';
import { liveKeys } from './key-source.ts';
import { systemRandom } from './random.ts';
import { Unavailable } from './unavailable.ts';

test('renders the message of the service, with the code, and hands it to the provider once', async () => {
  const first = scripted('first', ['accepted']);
  await using given = await openEngine({ providers: [first] });
  const command = await carried(given);
  expect(await settled(given, command)).toMatchObject({ status: 'submitted', providerMessageId: 'm1', tries: 1 });
  expect(first.calls).toEqual([
    {
      channel: 'sms',
      recipient: command.requested.recipient,
      sender: 'Acme',
      brand: 'Acme',
      code: codeSent(command),
      expiresAtMs: startMs + 300_000,
      text: expect.stringContaining(`${codeSent(command)} is your Acme verification code. It expires in 5 minutes.`),
      reference: `${command.requested.id}-1`,
    },
  ]);
});

test('uses the sender and the template of the request', async () => {
  const first = scripted('first', ['accepted']);
  await using given = await openEngine({ providers: [first] });
  const command = await carried(given, { requested: { sender: 'Other', template: '{{code}} for {{brand}}' } });
  await settled(given, command);
  expect(first.calls[0]).toMatchObject({ sender: 'Other', text: `${codeSent(command)} for Acme` });
});

test('tries again after the backoff and not before, under the same reference and with the same code', async () => {
  const first = scripted('first', ['unavailable', 'accepted']);
  await using given = await openEngine({ providers: [first] });
  const command = await carried(given);
  const waiting = await settled(given, command);
  expect(waiting).toMatchObject({ status: 'queued', reason: 'unavailable' });
  const backoffMs = waiting.dueAtMs - waiting.createdAtMs;
  expect(backoffMs).toBeGreaterThanOrEqual(800);
  expect(backoffMs).toBeLessThanOrEqual(1200);

  given.clock.advance(backoffMs - 1);
  expect(await given.delivery.claimDue()).toBe(0);
  given.clock.advance(1);
  expect(await given.delivery.claimDue()).toBe(1);
  expect(await settled(given, command)).toMatchObject({ status: 'submitted', tries: 2, possibleDuplicate: false });
  expect(first.calls[1]).toEqual(first.calls[0]);
});

test('hands a refused message to the next provider', async () => {
  const [first, second] = [scripted('first', ['refused']), scripted('second', ['accepted'])];
  await using given = await openEngine({ providers: [first, second] });
  const command = await carried(given);
  await settled(given, command);
  expect(await again(given, command)).toMatchObject({ status: 'submitted', providers: ['second'] });
  expect([first.calls.length, second.calls.length]).toEqual([1, 1]);
});

test('gives up with the reason of the last provider', async () => {
  await using given = await openEngine({
    providers: [scripted('first', ['refused']), scripted('second', ['refused'])],
  });
  const command = await carried(given);
  await settled(given, command);
  expect(await again(given, command)).toMatchObject({ status: 'failed', reason: 'refused' });
  expect(await given.delivery.claimDue()).toBe(0);
});

test('stops at its stated number of tries with providers that are never available', async () => {
  const providers = [scripted('first', ['unavailable']), scripted('second', ['unavailable'])] as const;
  await using given = await openEngine({ providers });
  const command = await carried(given);
  await settled(given, command);
  for (let round = 0; round < 10; round++) await again(given, command);
  expect(await sendOf(given, command)).toMatchObject({ status: 'failed', tries: 6 });
  expect(providers.map(({ calls }) => calls.length)).toEqual([3, 3]);
});

test.each([
  ['hangs', 'timeout'],
  ['throws', 'broken-connection'],
] as const)(
  'a provider that %s leaves an outcome nobody knows: one more try, marked, and no third',
  async (answer, reason) => {
    const first = scripted('first', [answer]);
    await using given = await openEngine({ providers: [first, scripted('second', ['accepted'])] });
    const command = await carried(given);
    expect(await settled(given, command)).toMatchObject({ status: 'queued', reason, possibleDuplicate: true });
    expect(await again(given, command)).toMatchObject({ status: 'failed', reason: 'outcome-unknown', tries: 2 });
    await again(given, command);
    expect(first.calls).toHaveLength(2);
    expect(given.log.lines.join('\n')).not.toContain('123456');
  },
);

test('a provider that tells repetitions apart is asked three times, and nothing is marked', async () => {
  const first = scripted('first', ['throws', 'throws', 'accepted'], true);
  await using given = await openEngine({ providers: [first] });
  const command = await carried(given);
  await settled(given, command);
  await again(given, command);
  expect(await again(given, command)).toMatchObject({ status: 'submitted', tries: 3, possibleDuplicate: false });
  expect(new Set(first.calls.map(({ reference }) => reference)).size).toBe(1);
});

test('drops the retry of a verification that has ended meanwhile', async () => {
  const first = scripted('first', ['unavailable']);
  await using given = await openEngine({ providers: [first] });
  const command = await carried(given);
  await settled(given, command);
  await given.committer.commit(aCancel({ verificationId: command.requested.id }), 'change');
  expect(await again(given, command)).toMatchObject({ status: 'dropped', reason: 'verification-ended' });
  expect(first.calls).toHaveLength(1);
});

test('drops the retry of a verification with too little life left', async () => {
  const first = scripted('first', ['unavailable']);
  await using given = await openEngine({ providers: [first] });
  const command = await carried(given);
  await settled(given, command);
  given.clock.advance(290_001);
  await given.delivery.claimDue();
  expect(await sendOf(given, command)).toMatchObject({ status: 'dropped' });
  expect(first.calls).toHaveLength(1);
});

test('what a provider accepted is recorded although the store could not answer at first', async () => {
  const first = scripted('first', ['accepted']);
  await using given = await openEngine({ providers: [first] });
  const { store, committer, clock } = given;
  let failures = 1;
  const unsteady = Object.assign(Object.create(committer) as Committer, {
    commit: (...args: Parameters<Committer['commit']>) =>
      failures-- > 0 ? Promise.reject(new Unavailable('store_unavailable')) : committer.commit(...args),
  });
  const delivery = new Delivery({
    store,
    committer: unsteady,
    keys: liveKeys(keys),
    providers: new Map([['first', first]]),
    directory: createDirectory(store.queries, clock.monotonicMs),
    random: systemRandom(),
    log: recordedLog(),
    epoch: 'e1',
  });
  const command = await carried({ ...given, delivery });
  expect(await settled(given, command)).toMatchObject({ status: 'submitted', tries: 1 });
  expect(first.calls).toHaveLength(1);
  await delivery.close();
});

test('carries a message that was written for any process, once', async () => {
  const first = scripted('first', ['accepted']);
  await using given = await openEngine({ providers: [first] });
  const command = await carried(given, { epoch: undefined });
  expect(await sendOf(given, command)).toMatchObject({ tries: 0, tryOpen: false });
  await Promise.all(times(5, () => given.delivery.claimDue()));
  expect(await settled(given, command)).toMatchObject({ status: 'submitted', tries: 1 });
  expect(first.calls).toHaveLength(1);
});

test('a route to a provider that this server does not have goes on to the next one', async () => {
  const second = scripted('second', ['accepted']);
  await using given = await openEngine({ providers: [second] });
  const command = await carried(given);
  expect(await settled(given, command)).toMatchObject({ status: 'queued', reason: 'unknown-provider' });
  expect(await again(given, command)).toMatchObject({ status: 'submitted' });
});

test('a message that cannot be rendered, its key gone, is not sent and tried again', async () => {
  const first = scripted('first', ['accepted']);
  await using given = await openEngine({ providers: [first] });
  const { store, committer, clock } = given;
  const withoutKeys = new Delivery({
    store,
    committer,
    keys: liveKeys({ ...keys, pepper: { activeId: 'p9', keys: {} } }),
    providers: new Map([['first', first]]),
    directory: createDirectory(store.queries, clock.monotonicMs),
    random: systemRandom(),
    log: recordedLog(),
    epoch: 'e1',
  });
  const command = await carried({ ...given, delivery: withoutKeys });
  expect(await settled(given, command)).toMatchObject({ status: 'queued', reason: 'cannot-render' });
  expect(first.calls).toEqual([]);
  await withoutKeys.close();
  expect(await again(given, command)).toMatchObject({ status: 'submitted', tries: 2 });
  expect(first.calls[0]?.text).not.toContain(wrongCode);
});
