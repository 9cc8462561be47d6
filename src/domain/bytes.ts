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
/** Room for what is hashed, by its size, wiped after each use. Longer messages get room of their own. */
const innerRooms: (Buffer | undefined)[] = [];
const innerRoomMax = 1024;
const outerRoom = Buffer.alloc(blockBytes + digestBytes);

/** What a key is mixed with, one byte over and over, to begin the inner hash and the outer one. */
const innerByte = 0x36;
const outerByte = 0x5c;

interface Pads {
  readonly inner: Buffer;
  readonly outer: Buffer;
}

/** Of the few keys that there are, mixed once for as long as they are held. */
const padsOfKeys = new WeakMap<Uint8Array, Pads>();

/**
 * HMAC-SHA-256 over parts that cannot run into each other: each is preceded by its length in bytes (4 bytes,
 * big-endian), so that ("ab", "c") and ("a", "bc") differ.
 *
 * Two plain hashes as in RFC 2104 §2, because the library's own construction costs twice as much for messages this
 * short, and every create and check needs several.
 * @param key - at most 64 bytes; they never change
 */
export function hmac(key: Uint8Array, ...parts: readonly (string | Uint8Array)[]): Digest {
  const pads = padsOf(key);
  let size = blockBytes;
  for (const part of parts) size += 4 + Buffer.byteLength(part);
  const inner = innerRoom(size);
  try {
    inner.set(pads.inner);
    let at = blockBytes;
    for (const part of parts) {
      const length = typeof part === 'string' ? inner.write(part, at + 4, 'utf8') : copy(part, inner, at + 4);
      inner.writeUInt32BE(length, at);
      at += 4 + length;
    }
    outerRoom.set(pads.outer);
    outerRoom.write(hash('sha256', inner, 'binary'), blockBytes, 'latin1');
    return digest(outerRoom);
  } finally {
    inner.fill(0);
    outerRoom.fill(0);
  }
}

function padsOf(key: Uint8Array): Pads {
  const known = padsOfKeys.get(key);
  if (known !== undefined) return known;
  if (key.length > blockBytes) throw new RangeError('a key has at most 64 bytes');
  const pads = { inner: padded(key, innerByte), outer: padded(key, outerByte) };
  padsOfKeys.set(key, pads);
  return pads;
}

/** A first block: the key, mixed with one byte over and over. */
function padded(key: Uint8Array, byte: number): Buffer {
  const block = Buffer.alloc(blockBytes, byte);
  for (const [at, one] of key.entries()) block[at] = one ^ byte;
  return block;
}

function innerRoom(size: number): Buffer {
  if (size > innerRoomMax) return Buffer.allocUnsafe(size);
  const room = innerRooms[size] ?? Buffer.alloc(size);
  innerRooms[size] = room;
  return room;
}

function copy(part: Uint8Array, into: Buffer, at: number): number {
  into.set(part, at);
  return part.length;
}
