import { type Digest, hmac, sameDigest } from './bytes.ts';

/* Short-lived access tokens. To whoever holds one it is a text without meaning; to us it says all that it stands for. */

export interface AccessGrant {
  /** Id of the API key that it was issued for. */
  readonly keyId: string;
  /** A vendor's words for what it may do. */
  readonly scopes: readonly string[];
  /** Whole seconds UTC. */
  readonly expiresAtSeconds: number;
}

/** Well-formed; whether it is genuine is not known yet. */
export interface ReadAccessToken extends AccessGrant {
  readonly kid: string;
  /** What the last bytes were computed over. */
  readonly said: string;
  readonly mac: Digest;
}

const bytesMax = 4096;
const macBytes = 32;
/** So that scanners for leaked secrets know it. */
const prefix = 'csa_';

/** @param nonce - random text, so that no two tokens are equal  @param kid - names `key`, which signs it */
export function writeAccessToken(grant: AccessGrant, nonce: string, kid: string, key: Uint8Array): string {
  const said = JSON.stringify([kid, grant.keyId, grant.expiresAtSeconds, grant.scopes, nonce]);
  return prefix + Buffer.concat([Buffer.from(said, 'utf8'), hmac(key, said)]).toString('base64url');
}

export function readAccessToken(text: string): ReadAccessToken | undefined {
  if (text.length > bytesMax || !text.startsWith(prefix)) return undefined;
  const bytes = Buffer.from(text.slice(prefix.length), 'base64url');
  if (prefix + bytes.toString('base64url') !== text) return undefined;
  const said = bytes.toString('utf8', 0, Math.max(0, bytes.length - macBytes));
  const grant = grantOf(said);
  return grant && { ...grant, said, mac: bytes.subarray(-macBytes) as Digest };
}

export function isWrittenBy({ said, mac }: ReadAccessToken, key: Uint8Array): boolean {
  return sameDigest(mac, hmac(key, said));
}

function grantOf(said: string): (AccessGrant & { readonly kid: string }) | undefined {
  const fields = parsed(said);
  if (!Array.isArray(fields) || fields.length !== 5) return undefined;
  const [kid, keyId, expiresAtSeconds, scopes, nonce] = fields as readonly unknown[];
  if (typeof kid !== 'string' || typeof keyId !== 'string' || typeof nonce !== 'string') return undefined;
  if (typeof expiresAtSeconds !== 'number' || !isTextList(scopes)) return undefined;
  return { kid, keyId, expiresAtSeconds, scopes };
}

function isTextList(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
