import { hash, timingSafeEqual } from 'node:crypto';

/** 32 bytes: the only form in which secrets are compared. */
export type Digest = Buffer & { readonly __digest: true };

/** SHA-256 of text or bytes. */
export function digest(value: string | Uint8Array): Digest {
  // By way of text, one byte a character: half the price of asking for the bytes.
  return Buffer.from(hash('sha256', value, 'binary'), 'latin1') as Digest;
}

/** Compares in constant time. */
export function sameDigest(one: Digest, other: Digest): boolean {
  return timingSafeEqual(one, other);
}

const blockBytes = 64;
const digestBytes = 32;
/** Room for what is hashed, wiped after each use. Longer messages get room of their own. */
const innerRoom = Buffer.alloc(1024);
const outerRoom = Buffer.alloc(blockBytes + digestBytes);

/**
 * HMAC-SHA-256 over parts that cannot run into each other: each is preceded by its length in bytes (4 bytes,
 * big-endian), so that ("ab", "c") and ("a", "bc") differ.
 *
 * Two plain hashes as in RFC 2104 §2, because the library's own construction costs twice as much for messages this
 * short, and every create and check needs several.
 * @param key - at most 64 bytes
 */
export function hmac(key: Uint8Array, ...parts: readonly (string | Uint8Array)[]): Digest {
  if (key.length > blockBytes) throw new RangeError('a key has at most 64 bytes');
  let size = blockBytes;
  for (const part of parts) size += 4 + Buffer.byteLength(part);
  const inner = size <= innerRoom.length ? innerRoom.subarray(0, size) : Buffer.allocUnsafe(size);
  try {
    padded(inner, key, 0x36);
    let at = blockBytes;
    for (const part of parts) {
      const length = typeof part === 'string' ? inner.write(part, at + 4, 'utf8') : copy(part, inner, at + 4);
      inner.writeUInt32BE(length, at);
      at += 4 + length;
    }
    padded(outerRoom, key, 0x5c);
    outerRoom.write(hash('sha256', inner, 'binary'), blockBytes, 'latin1');
    return digest(outerRoom);
  } finally {
    inner.fill(0);
    outerRoom.fill(0);
  }
}

/** Fills the first block with the key, mixed with one byte over and over. */
function padded(room: Buffer, key: Uint8Array, byte: number): void {
  for (let at = 0; at < blockBytes; at++) room[at] = (key[at] ?? 0) ^ byte;
}

function copy(part: Uint8Array, into: Buffer, at: number): number {
  into.set(part, at);
  return part.length;
}
