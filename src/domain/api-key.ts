import { type Digest, digest } from './bytes.ts';

/** `cs_<environment>_<key id>_<secret><checksum>`: a prefix that secret scanners know, 256 random bits, and a
 * checksum of 32 by which they tell a key from something alike. */
const form = /^cs_[a-z]{1,8}_([0-9a-f]{16})_([0-9a-f]{64})([0-9a-f]{8})$/;
const keyLength = 'cs_'.length + 8 + 1 + 16 + 1 + 64 + 8;

/** What keys are made for: production, and development mode. */
const environments = ['live', 'dev'] as const;

export interface ReadApiKey {
  readonly id: string;
  readonly hash: Digest;
}

/** An API key in two halves, for vendors whose customers have a public and a secret one. */
export interface KeyPair {
  /** The key's id. */
  readonly key: string;
  /** 64 hexadecimal digits. */
  readonly secret: string;
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

/** The halves of a key. @throws Error when the text is no key of ours: a mistake in our code */
export function pairOf(apiKey: string): KeyPair {
  const [, key, secret] = form.exec(apiKey) ?? [];
  if (key === undefined || secret === undefined) throw new Error('the halves of something that is no API key');
  return { key, secret };
}

/**
 * The keys that two halves can be of. They do not say for which environment the key was made, and its digest is over all
 * of it: there is one to try for each.
 * @returns none when the halves cannot be of a key of ours
 */
export function readKeyPair({ key, secret }: KeyPair): readonly ReadApiKey[] {
  if (key.length !== 16 || secret.length !== 64) return [];
  return environments.flatMap((environment) => readApiKey(makeApiKey(environment, key, secret)) ?? []);
}

/** 40 hexadecimal digits that stand for a key's id where a vendor's customers have an application: the id, and a check. */
export function applicationIdOf(keyId: string): string {
  return keyId + digest(`application ${keyId}`).toString('hex', 0, 12);
}

/** The inverse. @returns undefined for text that `applicationIdOf` cannot have made */
export function keyIdOfApplication(applicationId: string): string | undefined {
  if (!/^[0-9a-f]{40}$/.test(applicationId)) return undefined;
  const keyId = applicationId.slice(0, 16);
  return applicationIdOf(keyId) === applicationId ? keyId : undefined;
}
