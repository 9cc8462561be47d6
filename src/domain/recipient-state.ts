import type { Failures } from './limits.ts';

/** The verification of a service that a check by recipient means, and that a create resumes or replaces. */
export interface LatestVerification {
  readonly id: string;
  readonly reference?: string | undefined;
  readonly createdAtMs: number;
}

/** All that is kept of one recipient of one tenant: what a create or a check of it locks. */
export interface RecipientState {
  readonly tenantId: string;
  readonly recipient: string;
  /** When messages were asked for, ascending; as far back as the limits look. */
  readonly sendTimes: readonly number[];
  readonly failures: Failures;
  /** By service. */
  readonly latest: Readonly<Record<string, LatestVerification>>;
  /** Its newest verification of any service, at which the chain of all of them begins. */
  readonly newestId?: string | undefined;
  readonly updatedAtMs: number;
  /** What few recipients have. */
  readonly remarks?: Remarks | undefined;
}

export interface Remarks {
  /** Requests that were written down as refused: when, ascending, and the last of them. */
  readonly refusals?: { readonly lastId: string; readonly times: readonly number[] } | undefined;
  /** What the tenant said became of the person. */
  readonly feedback?: Feedback | undefined;
}

export interface Feedback {
  readonly id: string;
  readonly value: FeedbackValue;
  readonly atMs: number;
}

/** Whether the person was taken in. */
export type FeedbackValue = 'onboarded' | 'not-onboarded';

/** What is kept of one end-user address of one tenant. */
export interface AddressState {
  readonly tenantId: string;
  /** Canonical: an IPv4 address, or the /64 of an IPv6 one. */
  readonly address: string;
  readonly createTimes: readonly number[];
  readonly updatedAtMs: number;
}

const keptMs = 86_400_000;
const servicesMax = 32;

export function newRecipient(tenantId: string, recipient: string): RecipientState {
  return {
    tenantId,
    recipient,
    sendTimes: [],
    failures: { count: 0, waitUntilMs: 0 },
    latest: {},
    newestId: undefined,
    updatedAtMs: 0,
  };
}

export function newAddress(tenantId: string, address: string): AddressState {
  return { tenantId, address, createTimes: [], updatedAtMs: 0 };
}

/** A service's newest verification. Its name came from a request: what every object has by birth is none of ours. */
export function latestOf({ latest }: Pick<RecipientState, 'latest'>, service: string): LatestVerification | undefined {
  return Object.hasOwn(latest, service) ? latest[service] : undefined;
}

/** Remembers a service's newest verification, and forgets those of services not used for a day. */
export function withLatest(
  latest: RecipientState['latest'],
  service: string,
  entry: LatestVerification,
): RecipientState['latest'] {
  // Almost always there is one service: then nothing is to be sorted out.
  if (Object.keys(latest).every((name) => name === service)) return { [service]: entry };
  const others = Object.entries(latest)
    .filter(([name, { createdAtMs }]) => name !== service && createdAtMs > entry.createdAtMs - keptMs)
    .sort(([, one], [, other]) => other.createdAtMs - one.createdAtMs)
    .slice(0, servicesMax - 1);
  return Object.fromEntries([...others, [service, entry]]);
}
