import type { Channel } from '../domain/channel.ts';
import type { CodePolicy } from '../domain/verification.ts';

export interface Tenant {
  readonly id: string;
  readonly name: string;
  readonly createdAtMs: number;
}

/** A named set of policy inside a tenant. */
export interface Service {
  readonly tenantId: string;
  readonly name: string;
  /** What messages call the sender's product. */
  readonly brand: string;
  readonly sender: string;
  readonly channels: readonly Channel[];
  readonly codePolicy: CodePolicy;
  /** Compatibility flag: code spaces under a million and lifetimes over ten minutes are allowed. */
  readonly weakCodes: boolean;
}

export interface ApiKey {
  /** Public: part of the key itself, by which it is looked up. */
  readonly id: string;
  readonly tenantId: string;
  /** SHA-256 of the whole key, in hexadecimal. */
  readonly hash: string;
  readonly createdAtMs: number;
}

export const defaultService = 'default';
