import { type Digest, digest } from './bytes.ts';

/** `cs_<environment>_<key id>_<secret><checksum>`: a prefix that secret scanners know, 256 random bits, and a
 * checksum of 32 by which they tell a key from something alike. */
const form = /^cs_[a-z]{1,8}_([0-9a-f]{16})_[0-9a-f]{64}([0-9a-f]{8})$/;
const keyLength = 'cs_'.length + 8 + 1 + 16 + 1 + 64 + 8;

export interface ReadApiKey {
  readonly id: string;
  readonly hash: Digest;
}

/** @param id - 8 random bytes in hexadecimal  @param secret - 32 of them */
export function makeApiKey(environment: string, id: string, secret: string): string {
  const key = `cs_${environment}_${id}_${secret}`;
  return key + digest(key).toString('hex', 0, 4);
}

/** The id to look a key up by and the digest to compare; undefined when the text cannot be a key of ours. */
export function readApiKey(text: string): ReadApiKey | undefined {
  if (text.length > keyLength) return undefined;
  const id = form.exec(text)?.[1];
  return id === undefined ? undefined : { id, hash: digest(text) };
}
