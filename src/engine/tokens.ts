import { isWrittenBy, readAccessToken, writeAccessToken } from '../domain/access-token.ts';
import { digest, hmac } from '../domain/bytes.ts';
import { isCurrent, isSignedBy, jwtSecondsMax, readJwt, signJwt } from '../domain/jwt.ts';
import { hasKey, type KeyRings, keyOf } from '../domain/keys.ts';
import type { KeySource } from './key-source.ts';
import { type Random, uuidv7 } from './random.ts';
import type { ApiKey } from './tenancy.ts';

/** A credential that says which API key it is of, and can tell whether it really is. */
export interface KeyProof {
  /** Of the API key. */
  readonly id: string;
  isOf(key: ProvenKey): boolean;
}

/** What a proof looks at of a stored key. */
export type ProvenKey = Pick<ApiKey, 'id' | 'tenantId' | 'hash'>;

export interface AccessProof extends KeyProof {
  /** In a vendor's words; to be believed once the proof was. */
  readonly scopes: readonly string[];
}

/**
 * Tokens that stand for an API key. None is stored: each is signed with a key that is computed from the signing ring and
 * from the stored digest of its API key, so that it takes both to forge one, and it ends with either of them. Whether the
 * API key still works is for the caller to ask.
 */
export interface Tokens {
  /** A JSON Web Token. @param aud - the face that it is for  @param lifeSeconds - up to 25 years */
  issueJwt(key: ProvenKey, aud: string, lifeSeconds: number): string;
  /** @returns undefined when the text is none of ours, or its time is up */
  readJwt(text: string, aud: string): KeyProof | undefined;
  /** An opaque one. @param scopes - a vendor's words for what it may do */
  issueAccess(key: ProvenKey, scopes: readonly string[], lifeSeconds: number): string;
  /** @returns undefined when the text is none of ours, or its time is up */
  readAccess(text: string): AccessProof | undefined;
}

export interface TokensOptions {
  readonly keys: KeySource;
  readonly random: Random;
  /** The store's time. */
  readonly nowMs: () => number;
}

/** Fixed, so that no change of settings ends the tokens that are out there. */
const issuer = 'countersign';

export function createTokens({ keys, random, nowMs }: TokensOptions): Tokens {
  const remembered = rememberGenuine(nowMs);

  /** @param isMadeWith - given what the signature has to be made with */
  function proof(kid: string, label: Label, text: string, isMadeWith: (macKey: Uint8Array) => boolean) {
    return (key: ProvenKey): boolean => {
      const rings = keys.current();
      if (!hasKey(rings, 'signing', kid)) return false;
      const look = () => isMadeWith(macKey(rings, kid, label, key));
      return remembered(`${label} ${key.tenantId} ${key.id} ${key.hash} ${text}`, look);
    };
  }

  return {
    issueJwt(key, aud, lifeSeconds) {
      if (!(lifeSeconds > 0 && lifeSeconds <= jwtSecondsMax)) throw new RangeError('no token lives that long');
      const rings = keys.current();
      const kid = rings.signing.activeId;
      const iat = Math.floor(nowMs() / 1000);
      const { tenantId: sub, id } = key;
      const claims = { sub, key: id, iss: issuer, aud, iat, exp: iat + lifeSeconds, jti: uuidv7(nowMs(), random) };
      return signJwt(claims, kid, macKey(rings, kid, 'jwt', key));
    },

    readJwt(text, aud) {
      const jwt = readJwt(text);
      if (jwt === undefined) return undefined;
      const { claims, kid } = jwt;
      if (claims.iss !== issuer || claims.aud !== aud || !isCurrent(claims, nowMs())) return undefined;
      const isGenuine = proof(kid, 'jwt', text, (macKey) => isSignedBy(jwt, macKey));
      const { key: id, sub: tenantId } = claims;
      return { id, isOf: (key) => isGenuine(key) && key.id === id && key.tenantId === tenantId };
    },

    issueAccess(key, scopes, lifeSeconds) {
      const rings = keys.current();
      const kid = rings.signing.activeId;
      const expiresAtSeconds = Math.floor(nowMs() / 1000) + lifeSeconds;
      const grant = { keyId: key.id, scopes, expiresAtSeconds };
      return writeAccessToken(grant, random.hex(16), kid, macKey(rings, kid, 'access-token', key));
    },

    readAccess(text) {
      const token = readAccessToken(text);
      if (token === undefined || nowMs() >= token.expiresAtSeconds * 1000) return undefined;
      const { kid, keyId: id, scopes } = token;
      const isGenuine = proof(kid, 'access-token', text, (macKey) => isWrittenBy(token, macKey));
      return { id, scopes, isOf: (key) => isGenuine(key) && key.id === id };
    },
  };
}

type Label = 'jwt' | 'access-token';

function macKey(rings: KeyRings, kid: string, label: Label, { tenantId, id, hash }: ProvenKey) {
  return hmac(keyOf(rings, 'signing', kid), label, tenantId, id, hash);
}

const rememberedMs = 60_000;
const entriesMax = 10_000;

/**
 * Remembers for a minute what was found to be genuine: a token comes with every request of its holder. Only those are
 * remembered, so that a flood of forged ones forgets nobody, and as digests, so that a look reveals nothing.
 */
function rememberGenuine(nowMs: () => number): (said: string, look: () => boolean) => boolean {
  const genuine = new Map<string, number>();
  return (said, look) => {
    const name = digest(said).toString('base64');
    const now = nowMs();
    if ((genuine.get(name) ?? 0) > now) return true;
    if (!look()) return false;
    if (genuine.size >= entriesMax) genuine.clear();
    genuine.set(name, now + rememberedMs);
    return true;
  };
}
