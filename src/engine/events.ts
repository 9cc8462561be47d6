import type { Send } from '../domain/send.ts';
import type { Snapshot } from './snapshot.ts';

/** What a tenant can want to hear of. */
export const eventKinds = [
  'verification.created',
  'verification.verified',
  'verification.failed',
  'verification.expired',
  'verification.cancelled',
  'send.created',
  'send.submitted',
  'send.delivered',
  'send.undelivered',
  'send.failed',
  'send.dropped',
] as const;
export type EventKind = (typeof eventKinds)[number];

/** A recorded change, as things stood right after it. */
export interface VerificationEvent {
  /** A UUID, the same however often it is told. */
  readonly id: string;
  readonly kind: EventKind;
  readonly tenantId: string;
  readonly atMs: number;
  readonly verification: Snapshot;
  /** Of a `send.` event. */
  readonly send?: EventSend | undefined;
}

export interface EventSend extends Pick<Send, 'number' | 'channel' | 'status' | 'createdAtMs' | 'reason'> {
  /** Who the recipient sees. */
  readonly sender: string;
}

/** An event as it is kept: JSON text of a `VerificationEvent`. */
export interface StoredEvent {
  readonly tenantId: string;
  readonly verificationId: string;
  /** Within its verification: 1 for the first. */
  readonly number: number;
  readonly id: string;
  readonly kind: EventKind;
  readonly atMs: number;
  readonly body: string;
}

/** How a face tells of changes to the address that a request named, in its vendor's words and without a signature. */
export interface CallbackFace {
  readonly name: string;
  /** What is posted for an event, as JSON text; undefined where the vendor tells nothing. */
  word(event: VerificationEvent): string | undefined;
}
