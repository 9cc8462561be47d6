import type { Usage } from '../domain/ceiling.ts';
import type { Challenge } from '../domain/challenge.ts';
import type { CodeGuesses } from '../domain/code-guesses.ts';
import type { CodeTag, SpentTag, TaggedVerification } from '../domain/code-tag.ts';
import type { Factor } from '../domain/factor.ts';
import type { KeyRings } from '../domain/keys.ts';
import type { Limits } from '../domain/limits.ts';
import type { AddressState, RecipientState } from '../domain/recipient-state.ts';
import type { Send } from '../domain/send.ts';
import type { Session } from '../domain/session.ts';
import type { User } from '../domain/user.ts';
import type { Verification } from '../domain/verification.ts';
import type { WebhookDelivery, WebhookEndpoint } from '../domain/webhook.ts';
import type { AuditEntry, AuditHead } from './audit.ts';
import type { StoredEvent } from './events.ts';
import type { Idempotency, IdempotentAnswer } from './idempotency.ts';
import type { Notice } from './notice.ts';
import type { SendJob } from './send-job.ts';
import type { ApiKey, Service, Tenant } from './tenancy.ts';

/** What every command says: its kind, and the one tenant it concerns. Plain data, so that it crosses to a thread. */
export interface CommandBase {
  readonly kind: string;
  readonly tenantId: string;
  /** Present when the caller named an idempotency key. */
  readonly idempotency?: Idempotency | undefined;
}

/** What a decider may know besides its rows. */
export interface Context {
  /** The store's time, taken after the last lock is held. */
  readonly nowMs: number;
  /** The time of day as the machine tells it, which may step back: what authenticator apps go by, and nothing else. */
  readonly wallMs: number;
  readonly keys: KeyRings;
  readonly limits: Limits;
}

/** Rows by their keys; the tenant is the command's own. */
export interface Reads {
  readonly recipients?: readonly string[];
  readonly addresses?: readonly string[] | undefined;
  readonly verifications?: readonly string[];
  readonly sends?: readonly SendKey[];
  readonly idempotency?: readonly string[];
  readonly services?: readonly string[];
  readonly apiKeys?: readonly string[];
  /** Its own row. */
  readonly tenant?: boolean;
  /** What it sent on its latest day. */
  readonly usage?: boolean;
  /** The end of its audit trail. */
  readonly auditHead?: boolean;
  /** What codes are found by. */
  readonly codeTags?: readonly string[] | undefined;
  /** How many wrong codes were handed in without saying whose. */
  readonly codeGuesses?: boolean;
  readonly people?: PeopleReads;
}

/** Users, and what is theirs. */
export interface PeopleReads {
  /** With their factors. */
  readonly users?: readonly string[];
  /** Who has this reference, or logs in with this address. */
  readonly references?: readonly string[];
  readonly logins?: readonly string[];
  readonly challenges?: readonly string[];
  readonly sessions?: readonly string[];
  /** Whose sessions are looked at together. */
  readonly sessionsOf?: readonly string[];
}

export interface SendKey {
  readonly verificationId: string;
  /** 1 for the first send of a verification. */
  readonly number: number;
}

/** The rows a command asked for. A row it did not ask for is a mistake in our code, and throws. */
export interface Loaded {
  /** Whether the command asked for this verification; when not, what pointed to it has moved: `stale`. */
  asked(verificationId: string): boolean;
  recipient(recipient: string): RecipientState | undefined;
  address(address: string): AddressState | undefined;
  verification(id: string): Verification | undefined;
  send(key: SendKey): Send | undefined;
  idempotency(key: string): IdempotentAnswer | undefined;
  service(name: string): Service | undefined;
  apiKey(id: string): ApiKey | undefined;
  tenant(): Tenant | undefined;
  usage(): Usage | undefined;
  auditHead(): AuditHead | undefined;
  /** Of the tenant. Whatever changes a verification looks at them, so that nobody has to ask for them. */
  endpoints(): readonly WebhookEndpoint[];
  /** What is told of a verification, user or session, or was, in order. Asked for only where somebody wants to hear of it. */
  deliveries(verificationId: string): readonly WebhookDelivery[];
  event(verificationId: string, number: number): StoredEvent | undefined;
  /** Verifications with this code that were not right yet, the newest thousand, newest first. */
  tagged(tag: string): readonly TaggedVerification[];
  codeGuesses(): CodeGuesses;
  /** Whether the command asked for this user, session or sessions of a user; what it writes unasked is new. */
  askedPerson(rows: 'users' | 'sessions' | 'sessionsOf', id: string): boolean;
  user(id: string): User | undefined;
  /** Of a user that was asked for, oldest first. */
  factors(userId: string): readonly Factor[];
  /** The id of the user. */
  userByReference(reference: string): string | undefined;
  userByLogin(login: string): string | undefined;
  challenge(id: string): Challenge | undefined;
  session(id: string): Session | undefined;
  /** Of one user, those that were not revoked, newest first: the newest 256. */
  sessionsOf(userId: string): readonly Session[];
}

/** Whole rows, as they are to be from now on. */
export interface Writes {
  readonly tenants?: readonly Tenant[];
  readonly services?: readonly Service[];
  readonly apiKeys?: readonly ApiKey[];
  readonly recipients?: readonly RecipientState[] | undefined;
  readonly addresses?: readonly AddressState[] | undefined;
  readonly newVerifications?: readonly Verification[];
  readonly verifications?: readonly Verification[] | undefined;
  readonly newSends?: readonly Send[];
  readonly sends?: readonly Send[];
  readonly idempotency?: readonly IdempotentAnswer[];
  readonly usage?: Usage | undefined;
  readonly audit?: readonly AuditEntry[];
  readonly auditHead?: AuditHead;
  readonly newCodeTags?: readonly CodeTag[] | undefined;
  readonly spentTags?: readonly SpentTag[] | undefined;
  readonly codeGuesses?: CodeGuesses | undefined;
  /** Facts about the whole server, by name; undefined forgets one. */
  readonly facts?: Readonly<Record<string, string | undefined>>;
  readonly webhooks?: WebhookWrites | undefined;
  readonly people?: PeopleWrites | undefined;
}

/** Users, and what is theirs; rows are put in the place of older ones with the same key. */
export interface PeopleWrites {
  readonly users?: readonly User[];
  /** Ids of users that are no more, with all that is theirs. */
  readonly removedUsers?: readonly string[];
  readonly factors?: readonly Factor[];
  readonly removedFactors?: readonly Pick<Factor, 'userId' | 'id'>[];
  readonly challenges?: readonly Challenge[];
  readonly sessions?: readonly Session[];
  /** Users whose recovery codes were shown: nothing is stored, but somebody may want to hear of it. */
  readonly recoveryCodesRead?: readonly string[];
  /** Users of whose recovery codes one was used that goes away with all the others: likewise. */
  readonly recoveryCodesEnded?: readonly string[] | undefined;
}

/** What is to be told, and to whom. */
export interface WebhookWrites {
  readonly endpoints?: readonly WebhookEndpoint[];
  /** Ids of endpoints that are no more. */
  readonly removedEndpoints?: readonly string[];
  readonly newEvents?: readonly StoredEvent[];
  readonly newDeliveries?: readonly WebhookDelivery[];
  readonly deliveries?: readonly WebhookDelivery[];
  /** Verifications to be looked at when they run out. */
  readonly newExpiries?: readonly { readonly verificationId: string; readonly dueAtMs: number }[];
  readonly removedExpiries?: readonly string[];
}

export const nothing: Writes = {};

export interface Decided<Outcome> {
  readonly writes: Writes;
  readonly outcome: Outcome;
  /** A message that this process is to carry once the change is durable. Never part of an answer. */
  readonly job?: SendJob | undefined;
  /** What an operator wants to hear of, once it is durable. */
  readonly notice?: Notice | undefined;
  /** Something of it is to be told at once. */
  readonly tells?: true | undefined;
}

/** One kind of command: which rows it needs, and what becomes of them. Pure functions. */
export interface Decider<C extends CommandBase, Outcome> {
  /** Rows to look up without a lock, to learn which rows to lock. */
  find?(command: C): Reads;
  /** The same once more, where what was found leads to other rows. */
  findNext?(command: C, found: Loaded): Reads;
  /** Every row to lock until the commit; `found` knows what `find` asked for. */
  reads(command: C, found: Loaded): Reads;
  /** Same inputs, same answer. `stale` says that a looked-up pointer no longer holds: the command runs again. */
  decide(command: C, loaded: Loaded, context: Context): Decided<Outcome> | 'stale';
}
