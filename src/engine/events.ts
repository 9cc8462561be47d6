import type { Factor } from '../domain/factor.ts';
import type { Send } from '../domain/send.ts';
import type { Session } from '../domain/session.ts';
import type { User } from '../domain/user.ts';
import type { Snapshot } from './snapshot.ts';

/** Of users, and of what is theirs. */
const userEventKinds = [
  'user.created',
  'user.changed',
  'user.deleted',
  'factor.enrolled',
  'factor.activated',
  'factor.removed',
  'factor.disabled',
  'recovery-codes.generated',
  'recovery-codes.read',
  'recovery-code.used',
  'session.opened',
  'session.ended',
] as const;
export type UserEventKind = (typeof userEventKinds)[number];

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
  ...userEventKinds,
] as const;
export type EventKind = (typeof eventKinds)[number];

/** A recorded change of a verification, as things stood right after it. */
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

/** What of a user can be said to have changed. */
export type UserField = keyof Pick<User, 'reference' | 'phoneNumber' | 'email' | 'password' | 'profile'>;

/** A recorded change of a user, or of what is theirs, as things stood right after it. No secret stands in it. */
export interface UserEvent {
  /** A UUID, the same however often it is told. */
  readonly id: string;
  readonly kind: UserEventKind;
  readonly tenantId: string;
  readonly atMs: number;
  readonly user: EventUser;
  /** Of `user.changed`: which fields, without what they hold. */
  readonly changed?: readonly UserField[] | undefined;
  /** Of a `factor.` event; of one that was removed as it was before. */
  readonly factor?: EventFactor | undefined;
  /** Of an event about recovery codes. */
  readonly recoveryCodesLeft?: number | undefined;
  /** Of a `session.` event. */
  readonly session?: EventSession | undefined;
}

export type EventUser = Pick<User, 'id' | 'reference'>;
export type EventFactor = Pick<Factor, 'id' | 'kind' | 'status' | 'name' | 'recipient'>;
export type EventSession = Pick<Session, 'id' | 'state' | 'face' | 'proof' | 'expiresAtMs'>;

export type RecordedEvent = VerificationEvent | UserEvent;

/** An event as it is kept: JSON text of a `RecordedEvent`. */
export interface StoredEvent {
  readonly tenantId: string;
  /** What it is about, within which events are told in order: a verification, a user, or of a `session.` event the session. */
  readonly verificationId: string;
  /** Within what it is about: 1 for the first. */
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
