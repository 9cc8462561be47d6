import type { Channel } from '../domain/channel.ts';
import type { Scope } from '../domain/scope.ts';
import type { TestNumber } from '../domain/test-number.ts';
import type { CodePolicy } from '../domain/verification.ts';

export interface Tenant {
  readonly id: string;
  readonly name: string;
  /** Messages that may go out on one day, UTC. 0, as at first, sends nothing. */
  readonly dailySendsMax: number;
  /** It pays beforehand: a message is sent only while its balance covers what it costs. */
  readonly prepaid?: boolean | undefined;
  readonly createdAtMs: number;
}

/** Owns what belongs to no customer: operator keys, and the audit trail of the server itself. */
export const serverTenantId = '00000000-0000-0000-0000-000000000000';

/** A named set of policy inside a tenant. */
export interface Service {
  readonly tenantId: string;
  readonly name: string;
  /** What messages call the sender's product. */
  readonly brand: string;
  readonly sender: string;
  readonly channels: readonly Channel[];
  /** Countries that phone numbers may be of, ISO 3166 alpha-2, or `*` alone for all. None, as at first, allows none. */
  readonly countries: readonly string[];
  readonly codePolicy: CodePolicy;
  /** Compatibility flag: code spaces under a million and lifetimes over ten minutes are allowed. */
  readonly weakCodes: boolean;
  readonly testNumbers: readonly TestNumber[];
  readonly options?: ServiceOptions | undefined;
}

/** What most services leave as it is. */
export interface ServiceOptions {
  /** Senders that requests may name; any well-formed one when there are none. */
  readonly senders?: readonly string[] | undefined;
  /** What another create means while one is pending, through faces whose vendor leaves it open; `resume` when absent. */
  readonly whilePending?: 'resume' | 'separate' | undefined;
  /** Channel of the second message and of those after it, through such faces; the last one repeats. */
  readonly retryChannels?: readonly Channel[] | undefined;
  /** Where vendors' faces tell of changes when a request names no address. */
  readonly callbackUrl?: string | undefined;
}

export interface ApiKey {
  /** Public: part of the key itself, by which it is looked up. */
  readonly id: string;
  readonly tenantId: string;
  /** SHA-256 of the whole key, in hexadecimal. */
  readonly hash: string;
  /** What its owner calls it. */
  readonly name: string;
  readonly scopes: readonly Scope[];
  /** Addresses and ranges it is accepted from; empty for any. */
  readonly sources: readonly string[];
  readonly createdAtMs: number;
  readonly expiresAtMs?: number | undefined;
  readonly revokedAtMs?: number | undefined;
  /** To within a minute. */
  readonly lastUsedAtMs?: number | undefined;
}

export const defaultService = 'default';

/** What a proof looks at of a stored key. */
export type ProvenKey = Pick<ApiKey, 'id' | 'tenantId' | 'hash'>;
