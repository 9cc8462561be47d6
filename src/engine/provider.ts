import type { Channel } from '../domain/channel.ts';

/** One rendered message, ready to travel. `text` and `code` are the code in clear: they are never logged or stored. */
export interface Message {
  readonly channel: Channel;
  /** Canonical E.164 number or e-mail address. */
  readonly recipient: string;
  readonly sender: string;
  /** Name of the service, for channels that have room for it beside the text. */
  readonly brand: string;
  readonly text: string;
  /** The code in `text`, in clear, for channels that show or say it apart. */
  readonly code: string;
  /** When the code stops being right. */
  readonly expiresAtMs: number;
  /** The same for every try of one send: the provider's idempotency key, where it has one. */
  readonly reference: string;
}

export type ProviderOutcome =
  /** `delivered`: it has arrived already, and no receipt will come. */
  | { readonly kind: 'accepted'; readonly providerMessageId?: string | undefined; readonly delivered?: true }
  /** Permanent: this provider will not carry this message. */
  | { readonly kind: 'refused'; readonly reason: string }
  /** Passing: the message was surely not accepted, and a later try may be. */
  | { readonly kind: 'unavailable'; readonly reason: string };

/** Whether a provider could be reached and accepts its credentials; a problem names neither them nor a recipient. */
export type ProbeResult =
  | { readonly kind: 'ready' }
  | { readonly kind: 'problem'; readonly problem: string; readonly remedy: string };

/**
 * Who carries messages. It translates one message to one call, and leaves retries, logs and broken connections
 * to the engine: a throw is an outcome nobody knows.
 */
export interface Provider {
  readonly name: string;
  readonly channels: readonly Channel[];
  /** True where a second submission with the same reference surely sends no second message. */
  readonly deduplicates: boolean;
  /** @param call - its `signal` aborts when the engine waits no longer */
  send(message: Message, call: { readonly signal: AbortSignal }): Promise<ProviderOutcome>;
  /** Connects and authenticates, and sends nothing. */
  probe?(call: { readonly signal: AbortSignal }): Promise<ProbeResult>;
  /** Gives connections back, when the server stops and nothing is under way any more. */
  close?(): Promise<void>;
  /** What an operator has to know of its settings, said at every start. */
  readonly warnings?: readonly string[];
}

/** Names of the providers of each channel, in order of choice. */
export type Routes = Readonly<Partial<Record<Channel, readonly string[]>>>;
