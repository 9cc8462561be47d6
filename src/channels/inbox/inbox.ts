import { type Channel, channels } from '../../domain/channel.ts';
import type { Message, Provider } from '../../engine/provider.ts';

/** One message as the inbox keeps it. It holds a code in clear, so it lives in memory only. */
export interface InboxMessage {
  /** Canonical E.164 number or e-mail address. */
  readonly to: string;
  readonly channel: Channel;
  readonly sender: string;
  readonly text: string;
  /** ISO 8601, UTC, with milliseconds. */
  readonly sentAt: string;
  /** Counts up from 1 in the order of arrival; never used twice. */
  readonly sequence: number;
}

export interface InboxOptions {
  /** How many messages are kept; the oldest goes first. */
  readonly capacity?: number;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

export interface Inbox {
  readonly provider: Provider;
  /** Newest first. */
  list(): readonly InboxMessage[];
  /** The newest message to one canonical recipient. */
  latest(to: string): InboxMessage | undefined;
  /** Hears of each new message at once, before `send` answers. @returns how to stop listening */
  subscribe(listener: (message: InboxMessage) => void): () => void;
}

/** Makes an inbox and the provider that fills it: messages of every channel end here instead of travelling, and so have arrived. */
export function createInbox({ capacity = 1000, now }: InboxOptions): Inbox {
  // A Map keeps the order of arrival, so its first entry is always the oldest message.
  const byReference = new Map<string, InboxMessage>();
  const latestByRecipient = new Map<string, InboxMessage>();
  const listeners = new Set<(message: InboxMessage) => void>();
  let sequence = 0;

  function keep(message: Message): InboxMessage {
    sequence += 1;
    const { recipient: to, channel, sender, text } = message;
    const kept = { to, channel, sender, text, sentAt: new Date(now()).toISOString(), sequence };
    byReference.set(message.reference, kept);
    latestByRecipient.set(to, kept);
    if (byReference.size > capacity) dropOldest();
    for (const listener of listeners) listener(kept);
    return kept;
  }

  function dropOldest(): void {
    for (const [reference, oldest] of byReference) {
      byReference.delete(reference);
      if (latestByRecipient.get(oldest.to) === oldest) latestByRecipient.delete(oldest.to);
      return;
    }
  }

  return {
    provider: {
      name: 'inbox',
      channels,
      deduplicates: true,
      async send(message) {
        const kept = byReference.get(message.reference) ?? keep(message);
        return { kind: 'accepted', providerMessageId: `inbox-${kept.sequence}`, delivered: true };
      },
    },
    list: () => [...byReference.values()].reverse(),
    latest: (to) => latestByRecipient.get(to),
    subscribe(listener) {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
  };
}
