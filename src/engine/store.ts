import type { Usage } from '../domain/ceiling.ts';
import type { Challenge } from '../domain/challenge.ts';
import type { Factor } from '../domain/factor.ts';
import type { KeyRings, RingName } from '../domain/keys.ts';
import type { Send } from '../domain/send.ts';
import type { Session } from '../domain/session.ts';
import type { User } from '../domain/user.ts';
import type { Verification, VerificationStatus } from '../domain/verification.ts';
import type { WebhookDelivery, WebhookEndpoint } from '../domain/webhook.ts';
import type { AuditEntry, AuditHead } from './audit.ts';
import type { SendKey } from './command.ts';
import type { DeliveryKey } from './commands/carry-delivery.ts';
import type { Command } from './deciders.ts';
import type { Notice } from './notice.ts';
import type { SendJob } from './send-job.ts';
import type { ApiKey, Service, Tenant } from './tenancy.ts';
import type { UnavailableReason } from './unavailable.ts';

/** What became of one command of a batch. */
export type Committed =
  | {
      readonly kind: 'done';
      readonly outcome: { readonly kind: string };
      readonly job?: SendJob | undefined;
      readonly notice?: Notice | undefined;
      /** Something of it is to be told at once. */
      readonly tells?: true | undefined;
    }
  /** Nothing changed, or (`outcome_unknown`) nobody knows. */
  | { readonly kind: 'unavailable'; readonly reason: UnavailableReason }
  /** A mistake of ours: it changed nothing. `detail` is for the log alone. */
  | { readonly kind: 'fault'; readonly detail: string };

/** Where everything is kept. It knows rows, locks and commits, and no rule. */
export interface Store {
  /** Batches that may be on their way at once, and commands in each. */
  readonly batchesInFlight: number;
  readonly batchSizeMax: number;
  /** Decides and writes commands in order; resolves, with one answer each, once all of it is durable. */
  commitBatch(commands: readonly Command[]): Promise<readonly Committed[]>;
  /** Queued sends that are due and that no living process owns. @param limit - at most 500 */
  dueSends(limit: number): Promise<readonly DueSend[]>;
  /** Runs one batch of a maintenance job and tells how many rows it dealt with; 0 when there is nothing left. */
  maintain(job: MaintenanceJob, limit: number): Promise<number>;
  /** Commands of every later batch are decided with these; resolves once the batches before are done. */
  useKeys(keys: KeyRings): Promise<void>;
  /** Has nothing older than the rows themselves lie about on disk. @returns false when a reader was in the way */
  truncateLog(): Promise<boolean>;
  /**
   * Writes a copy of everything acknowledged so far, while the store serves. Nothing of it can be served before it
   * was restored.
   * @param progress - told now and then; `totalBytes` is an estimate
   * @throws BackupFailed
   */
  backup(file: string, progress?: (doneBytes: number, totalBytes: number) => void): Promise<{ readonly bytes: number }>;
  readonly queries: Queries;
  clock(): ClockState;
  counters(): StoreCounters;
  close(): Promise<void>;
}

export interface DueSend extends SendKey {
  readonly tenantId: string;
}

export type MaintenanceJob =
  /** Salts and sealed codes of verifications that ran out. */
  | { readonly kind: 'erase-expired-codes' }
  /** What codes were found by, and the salts that codes are shown from, a day after their end. */
  | { readonly kind: 'purge-code-tags' }
  /** Answers kept for idempotency keys, after a day. */
  | { readonly kind: 'purge-idempotency' }
  /**
   * Sealed values that name another data key than the active one, sealed anew under it. At most as many as there are
   * nonces: 12 random bytes each, in hexadecimal, never used before.
   */
  | { readonly kind: 'rewrap'; readonly nonces: readonly string[] }
  /** Takes the recipient out of verifications that ran out so long ago, together with their sends. */
  | { readonly kind: 'purge-verifications'; readonly olderThanMs: number }
  /** Of those, the rows themselves. */
  | { readonly kind: 'purge-verification-rows'; readonly olderThanMs: number }
  /** Counts of end-user addresses, after two days. */
  | { readonly kind: 'purge-addresses' }
  /** Entries of audit trails, the oldest first; the rest still verifies. */
  | { readonly kind: 'purge-audit'; readonly olderThanMs: number }
  /** What was told to webhooks so long ago. */
  | { readonly kind: 'purge-events'; readonly olderThanMs: number }
  /** Factors that were never activated, and challenges and sessions that ended, a day ago. */
  | { readonly kind: 'purge-people' }
  /** A recipient, canonical: its verifications, their sends, and what is counted of it. */
  | { readonly kind: 'erase-recipient'; readonly tenantId: string; readonly recipient: string }
  /** What is left of it elsewhere, after that: kept answers, and pseudonyms. It looks at many rows and counts those. */
  | { readonly kind: 'erase-traces'; readonly tenantId: string; readonly recipient: string };

export interface ClockState {
  /** The store's time, milliseconds UTC. */
  readonly nowMs: number;
  /** False after a step so large that an operator has to confirm it. */
  readonly confirmed: boolean;
  /** Steps of more than five seconds seen since the start. */
  readonly steps: number;
}

export interface StoreCounters {
  /** Batches committed, each with one fsync. */
  readonly commits: number;
  readonly commands: number;
}

export interface VerificationFilter {
  readonly tenantId: string;
  readonly recipient?: string | undefined;
  readonly status?: VerificationStatus | undefined;
  /** Only verifications of this face; absent for all. */
  readonly face?: string | undefined;
  /** Only those older than this one. */
  readonly before?: string | undefined;
  readonly limit: number;
}

export interface VerificationPage {
  /** Newest first. */
  readonly rows: readonly Verification[];
  /** Where the next page begins; absent on the last one. A page may be short, or even empty, and have a next one. */
  readonly nextBefore?: string | undefined;
}

/** Reads without a lock, of what is committed. */
export interface Queries {
  verification(tenantId: string, id: string): Promise<Verification | undefined>;
  sends(tenantId: string, verificationId: string): Promise<readonly Send[]>;
  verifications(filter: VerificationFilter): Promise<VerificationPage>;
  tenants(): Promise<readonly Tenant[]>;
  tenant(id: string): Promise<Tenant | undefined>;
  services(tenantId: string): Promise<readonly Service[]>;
  service(tenantId: string, name: string): Promise<Service | undefined>;
  apiKeys(tenantId: string): Promise<readonly ApiKey[]>;
  apiKey(id: string): Promise<ApiKey | undefined>;
  usage(tenantId: string): Promise<Usage | undefined>;
  /** How many verifications that are found by their code alone are live, counted up to `most`. */
  liveCodes(tenantId: string, most: number): Promise<number>;
  /** What the code of a verification that was right is shown from, while it may be. */
  shownCode(tenantId: string, verificationId: string): Promise<ShownCode | undefined>;
  /** Oldest first, those after the entry with the number `after`. */
  audit(tenantId: string, after: number, limit: number): Promise<readonly AuditEntry[]>;
  auditHeads(): Promise<readonly AuditHead[]>;
  /** Number of the latest migration that the store has. */
  schema(): Promise<number>;
  /** A fact about the whole server. */
  fact(name: string): Promise<string | undefined>;
  backlog(): Promise<Backlog>;
  webhookEndpoints(tenantId: string): Promise<readonly WebhookEndpoint[]>;
  /** To one destination, newest first, those before the one given. */
  webhookDeliveries(
    tenantId: string,
    destination: string,
    before: DeliveryPlace | undefined,
    limit: number,
  ): Promise<readonly WebhookDelivery[]>;
  /** To one destination, oldest first, those after the place given. */
  webhookDeliveriesSince(
    tenantId: string,
    destination: string,
    after: DeliveryPlace,
    limit: number,
  ): Promise<readonly WebhookDelivery[]>;
  /** Of one event to one destination: one, or none. */
  webhookDeliveriesOf(tenantId: string, destination: string, eventId: string): Promise<readonly WebhookDelivery[]>;
  /**
   * Deliveries that are due and that nobody owns, a few of each destination, from the destination after the one given.
   * @param after - `next` of the look before; empty to begin @param limit - at most 500
   */
  dueDeliveries(after: string, limit: number): Promise<DueDeliveries>;
  /** Verifications that ran out, where somebody wants to hear of it. @param limit - at most 500 */
  dueExpiries(limit: number): Promise<readonly { readonly tenantId: string; readonly verificationId: string }[]>;
  webhookBacklog(): Promise<WebhookBacklog>;
  user(tenantId: string, id: string): Promise<User | undefined>;
  userByReference(tenantId: string, reference: string): Promise<User | undefined>;
  /** Who logs in with this address. */
  userByLogin(tenantId: string, login: string): Promise<User | undefined>;
  /** Newest first. */
  users(filter: UserFilter): Promise<readonly User[]>;
  /** Of one user, oldest first. */
  factors(tenantId: string, userId: string): Promise<readonly Factor[]>;
  challenge(tenantId: string, id: string): Promise<Challenge | undefined>;
  /** Of any tenant: whoever has the token learns whose it is. */
  session(id: string): Promise<Session | undefined>;
  /** Those of a user that were not revoked, newest first. */
  sessions(tenantId: string, userId: string, limit: number): Promise<readonly Session[]>;
  /** How many values need which key. Reads in portions, so that what is written meanwhile may or may not count. */
  keyUsage(): Promise<KeyUsage>;
  /** How many verifications ran out more than a minute ago whose code is not erased: none, unless maintenance is behind. */
  secretsOverdue(): Promise<number>;
  /** Rows by table, and sends by status: for tests, benchmarks and the operator. */
  counts(): Promise<StoreCounts>;
}

export interface UserFilter {
  readonly tenantId: string;
  /** Canonical. */
  readonly phoneNumber?: string | undefined;
  readonly email?: string | undefined;
  /** Only those older than this one. */
  readonly before?: string | undefined;
  readonly limit: number;
}

/** Where a delivery stands in the order of time. */
export type DeliveryPlace = Pick<WebhookDelivery, 'createdAtMs' | 'verificationId' | 'number'>;

export interface DueDelivery extends DeliveryKey {
  readonly tenantId: string;
}

export interface DueDeliveries {
  readonly due: readonly DueDelivery[];
  /** Where the next look begins; absent when no destination is left. */
  readonly next?: string | undefined;
}

/** Deliveries that no process owns, 10,000 at most, and how long the oldest of them has been due. */
export interface WebhookBacklog {
  readonly waiting: number;
  readonly oldestMs: number;
}

export interface ShownCode {
  /** Of the pepper ring. */
  readonly keyId: string;
  readonly salt: string;
}

/** How many values need each key, by ring and key id. Keys that nothing needs are absent. */
export type KeyUsage = Readonly<Record<RingName, Readonly<Record<string, number>>>>;

/** Queued sends that no process owns. */
export interface Backlog {
  readonly total: number;
  readonly byTenant: ReadonlyMap<string, number>;
}

export interface StoreCounts {
  readonly verifications: number;
  readonly verificationsWithSecret: number;
  /** Those of `secretsOverdue`. */
  readonly secretsOverdue: number;
  readonly sends: Readonly<Record<string, number>>;
}
