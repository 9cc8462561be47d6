import { isProblem, parseRecipient } from '../../domain/recipient.ts';

/** A message as this face shows it. */
export interface ShownMessage {
  readonly to: string;
  readonly channel: string;
  readonly sender: string;
  readonly text: string;
  /** ISO 8601. */
  readonly sentAt: string;
}

/** What this face asks of an inbox, whoever keeps it. */
export interface InboxView {
  /** Newest first. */
  list(): readonly ShownMessage[];
  latest(to: string): ShownMessage | undefined;
  /** @returns how to stop listening */
  subscribe(listener: (message: ShownMessage) => void): () => void;
}

/** The members of the answer, and nothing else that the inbox may keep. */
export function shown({ to, channel, sender, text, sentAt }: ShownMessage): ShownMessage {
  return { to, channel, sender, text, sentAt };
}

/**
 * Finds the latest message to a recipient as people write it in an address: a `+` that was not encoded has become
 * a space, and numbers may hold spaces or lack the `+`.
 */
export function latestTo(inbox: InboxView, typed: string): ShownMessage | undefined {
  const text = typed.includes('@') ? typed.replaceAll(' ', '+') : `+${typed.replace(/\D/g, '')}`;
  const recipient = parseRecipient(text, { fictitious: true });
  return inbox.latest(isProblem(recipient) ? text : recipient.value) ?? inbox.latest(text);
}
