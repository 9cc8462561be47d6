import { hmac } from './bytes.ts';

/** How long after its end a code can still be told from one that never was. */
export const tagKeptMs = 86_400_000;

/**
 * What a code is found by where nothing else says which verification is meant: a MAC under a pepper key, so that it takes
 * that key to try codes against a tag. It is 8 bytes of the digest, in hexadecimal: enough that two codes hardly ever share
 * one, and the code itself is compared anyway.
 */
export function codeTag(key: Uint8Array, tenantId: string, code: string): string {
  return hmac(key, 'lookup', tenantId, code).toString('hex', 0, 8);
}

/** What a code is found by, in the store. */
export interface CodeTag {
  readonly tenantId: string;
  readonly verificationId: string;
  readonly keyId: string;
  readonly tag: string;
  /** A day after the verification runs out. */
  readonly eraseAtMs: number;
}

/** A verification that was right: its code is not looked for any more, but may be shown for a while. */
export interface SpentTag {
  readonly verificationId: string;
  /** What the code comes from; absent when it is not to be shown. */
  readonly salt?: string | undefined;
  readonly eraseAtMs: number;
}

export interface TaggedVerification {
  readonly verificationId: string;
  readonly eraseAtMs: number;
}
