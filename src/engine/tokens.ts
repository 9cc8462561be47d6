import { isWrittenBy, readAccessToken, writeAccessToken } from '../domain/access-token.ts';
import { hmac } from '../domain/bytes.ts';
import { isCurrent, isSignedBy, jwtSecondsMax, readJwt, signJwt } from '../domain/jwt.ts';
import { hasKey, type KeyRings, keyOf } from '../domain/keys.ts';
import { GenuineTokens, type SeenToken } from './genuine-tokens.ts';
import type { KeySource } from './key-source.ts';
import { type Random, uuidv7 } from './random.ts';
import type { ProvenKey } from './tenancy.ts';

/** A credential that says which API key it is of, and can tell whether it really is. */
export interface KeyProof {
  /** Of the API key. */
  readonly id: string;
  isOf(key: ProvenKey): boolean;
}

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
  const jwts = new GenuineTokens(nowMs, readJwt);
  const accessTokens = new GenuineTokens(nowMs, readAccessToken);

  /** @param isMadeWith - whether a token's signature was made with a key */
  function proof<Token extends { readonly kid: string }>(
    tokens: GenuineTokens<Token>,
    seen: SeenToken<Token>,
    label: Label,
    isMadeWith: (token: Token, macKey: Uint8Array) => boolean,
  ) {
    const { token } = seen;
    return (key: ProvenKey): boolean => {
      const rings = keys.current();
      if (!hasKey(rings, 'signing', token.kid)) return false;
      return tokens.isOf(seen, key, () => isMadeWith(token, macKey(rings, token.kid, label, key)));
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
      const seen = jwts.read(text);
      if (seen === undefined) return undefined;
      const { claims } = seen.token;
      if (claims.iss !== issuer || claims.aud !== aud || !isCurrent(claims, nowMs())) return undefined;
      const { key: id, sub: tenantId } = claims;
      const isGenuine = proof(jwts, seen, 'jwt', isSignedBy);
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
      const seen = accessTokens.read(text);
      if (seen === undefined || nowMs() >= seen.token.expiresAtSeconds * 1000) return undefined;
      const { keyId: id, scopes } = seen.token;
      const isGenuine = proof(accessTokens, seen, 'access-token', isWrittenBy);
      return { id, scopes, isOf: (key) => isGenuine(key) && key.id === id };
    },
  };
}

type Label = 'jwt' | 'access-token';

function macKey(rings: KeyRings, kid: string, label: Label, { tenantId, id, hash }: ProvenKey) {
  return hmac(keyOf(rings, 'signing', kid), label, tenantId, id, hash);
}
