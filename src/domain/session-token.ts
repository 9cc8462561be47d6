import { type Digest, digest } from './bytes.ts';

/** `cst_<session id>_<secret>`: a prefix that secret scanners know, and 256 random bits. */
const form = /^cst_([0-9a-f]{32})_[0-9a-f]{64}$/;

/** @param id - the session's, a UUID  @param secret - 32 random bytes in hexadecimal */
export function sessionTokenOf(id: string, secret: string): string {
  return `cst_${id.replaceAll('-', '')}_${secret}`;
}

export interface ReadSessionToken {
  /** Of the session. */
  readonly id: string;
  readonly hash: Digest;
}

/** The id to look a session up by and the digest to compare; undefined when the text cannot be a token of ours. */
export function readSessionToken(text: string): ReadSessionToken | undefined {
  const hex = form.exec(text)?.[1];
  if (hex === undefined) return undefined;
  const id = hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
  return { id, hash: digest(text) };
}
