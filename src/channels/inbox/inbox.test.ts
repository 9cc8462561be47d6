import { expect, test } from 'vitest';
import type { Message } from '../../engine/provider.ts';
import { createInbox, type InboxMessage } from './inbox.ts';

const NOW = Date.UTC(2026, 0, 2, 3, 4, 5, 6);
const signal = AbortSignal.timeout(60_000);

const aMessage = (over: Partial<Message> = {}): Message => ({
  channel: 'sms',
  recipient: '+33612345678',
  sender: 'Countersign',
  brand: 'Countersign',
  text: 'Your code is 123456',
  code: '123456',
  expiresAtMs: NOW + 300_000,
  reference: 'r1',
  ...over,
});

const open = (capacity?: number) => createInbox({ now: () => NOW, ...(capacity === undefined ? {} : { capacity }) });

test('keeps what was sent, to whom, how and when', async () => {
  const inbox = open();
  const outcome = await inbox.provider.send(aMessage(), { signal });

  expect(outcome).toEqual({ kind: 'accepted', providerMessageId: 'inbox-1', delivered: true });
  expect(inbox.list()).toEqual([
    {
      to: '+33612345678',
      channel: 'sms',
      sender: 'Countersign',
      text: 'Your code is 123456',
      sentAt: '2026-01-02T03:04:05.006Z',
      sequence: 1,
    },
  ]);
});

test('carries every channel and says that it deduplicates', () => {
  const { provider } = open();
  expect(provider.name).toBe('inbox');
  expect(provider.channels).toEqual(['sms', 'email', 'voice', 'whatsapp', 'telegram']);
  expect(provider.deduplicates).toBe(true);
});

test('keeps one message when the same reference arrives twice, and tells listeners once', async () => {
  const inbox = open();
  const heard: InboxMessage[] = [];
  inbox.subscribe((message) => heard.push(message));

  const first = await inbox.provider.send(aMessage(), { signal });
  const second = await inbox.provider.send(aMessage({ text: 'again' }), { signal });

  expect(second).toEqual(first);
  expect(inbox.list().map(({ text }) => text)).toEqual(['Your code is 123456']);
  expect(heard).toHaveLength(1);
});

test('lists the newest message first', async () => {
  const inbox = open();
  for (const reference of ['r1', 'r2', 'r3'])
    await inbox.provider.send(aMessage({ reference, text: reference }), { signal });
  expect(inbox.list().map(({ text }) => text)).toEqual(['r3', 'r2', 'r1']);
});

test('finds the latest message of one recipient among those of others', async () => {
  const inbox = open();
  await inbox.provider.send(aMessage({ reference: 'r1', text: 'old' }), { signal });
  await inbox.provider.send(aMessage({ reference: 'r2', text: 'new' }), { signal });
  await inbox.provider.send(aMessage({ reference: 'r3', recipient: 'ana@example.com', channel: 'email' }), { signal });

  expect(inbox.latest('+33612345678')?.text).toBe('new');
  expect(inbox.latest('ana@example.com')?.channel).toBe('email');
  expect(inbox.latest('+33699999999')).toBeUndefined();
});

test('drops the oldest message beyond its capacity, and forgets the recipient with their last one', async () => {
  const inbox = open(2);
  await inbox.provider.send(aMessage({ reference: 'r1', recipient: 'a@example.com' }), { signal });
  await inbox.provider.send(aMessage({ reference: 'r2', recipient: 'b@example.com', text: 'first of b' }), { signal });
  await inbox.provider.send(aMessage({ reference: 'r3', recipient: 'b@example.com', text: 'second of b' }), { signal });
  expect(inbox.latest('a@example.com')).toBeUndefined();

  await inbox.provider.send(aMessage({ reference: 'r4', recipient: 'c@example.com' }), { signal });
  expect(inbox.latest('b@example.com')?.text).toBe('second of b');
  expect(inbox.list().map(({ sequence }) => sequence)).toEqual([4, 3]);
});

test('keeps the last thousand messages when no capacity is named', async () => {
  const inbox = open();
  for (let i = 1; i <= 1001; i++) await inbox.provider.send(aMessage({ reference: `r${i}` }), { signal });
  expect(inbox.list()).toHaveLength(1000);
  expect(inbox.list().at(-1)?.sequence).toBe(2);
});

test('tells each listener before the send is answered, until it stops listening', async () => {
  const inbox = open();
  const heard: string[] = [];
  const stop = inbox.subscribe(({ text }) => heard.push(text));

  const sending = inbox.provider.send(aMessage({ text: 'one' }), { signal });
  expect(heard).toEqual(['one']);
  await sending;

  stop();
  await inbox.provider.send(aMessage({ reference: 'r2', text: 'two' }), { signal });
  expect(heard).toEqual(['one']);
});
