import { createHmac, hash, timingSafeEqual } from 'node:crypto';

/** 32 bytes: the only form in which secrets are compared. */
export type Digest = Buffer & { readonly __digest: true };

/** SHA-256 of text or bytes. */
export function digest(value: string | Uint8Array): Digest {
  return hash('sha256', value, 'buffer') as Digest;
}

/** Compares in constant time. */
export function sameDigest(one: Digest, other: Digest): boolean {
  return timingSafeEqual(one, other);
}

/**
 * HMAC-SHA-256 over parts that cannot run into each other: each is preceded by its length in bytes (4 bytes,
 * big-endian), so that ("ab", "c") and ("a", "bc") differ.
 */
export function hmac(key: Uint8Array, ...parts: readonly (string | Uint8Array)[]): Digest {
  let size = 0;
  for (const part of parts) size += 4 + Buffer.byteLength(part);
  const message = Buffer.allocUnsafe(size);
  let at = 0;
  for (const part of parts) {
    const length = typeof part === 'string' ? message.write(part, at + 4, 'utf8') : copy(part, message, at + 4);
    message.writeUInt32BE(length, at);
    at += 4 + length;
  }
  return createHmac('sha256', key).update(message).digest() as Digest;
}

function copy(part: Uint8Array, into: Buffer, at: number): number {
  into.set(part, at);
  return part.length;
}
