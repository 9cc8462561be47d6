import { createHmac } from 'node:crypto';
import type { Digest } from './bytes.ts';
import { sameDigest } from './bytes.ts';
import { isUuid } from './uuid.ts';

/* The one kind of JSON Web Token that we issue, and so the one that we read: RFC 7519 in the compact form of RFC 7515. */

/** Times are whole seconds UTC. */
export interface JwtClaims {
  /** Tenant. */
  readonly sub: string;
  /** Id of the API key that it was issued for. */
  readonly key: string;
  readonly iss: string;
  /** The face that it is for. */
  readonly aud: string;
  readonly iat: number;
  readonly exp: number;
  readonly jti: string;
}

/** Well-formed; whether it is genuine is not known yet. */
export interface ReadJwt {
  readonly kid: string;
  readonly claims: JwtClaims;
  /** What the signature is over. */
  readonly signed: string;
  readonly mac: Digest;
}

export const jwtBytesMax = 4096;
/** 25 years of 365 days. */
export const jwtSecondsMax = 788_400_000;
const skewSeconds = 30;

/** @param kid - names `key`, which signs it */
export function signJwt(claims: JwtClaims, kid: string, key: Uint8Array): string {
  const signed = `${encoded(headerOf(kid))}.${encoded(claimsText(claims))}`;
  return `${signed}.${macOf(signed, key).toString('base64url')}`;
}

/**
 * Takes a token apart. It is held against what we would have written ourselves, byte for byte: one algorithm, one order of
 * fields, one spelling of each part. So nothing in a header is ever obeyed, and no field comes twice or unexpected.
 */
export function readJwt(text: string): ReadJwt | undefined {
  if (text.length > jwtBytesMax) return undefined;
  const parts = text.split('.', 4);
  const [header, payload, mac] = parts.map(decoded);
  if (parts.length !== 3 || header === undefined || payload === undefined || mac?.length !== 32) return undefined;
  const kid = headerForm.exec(header.toString('latin1'))?.[1];
  const claims = claimsOf(payload.toString('utf8'));
  if (kid === undefined || claims === undefined) return undefined;
  return { kid, claims, signed: text.slice(0, text.lastIndexOf('.')), mac: mac as Digest };
}

export function isSignedBy({ signed, mac }: ReadJwt, key: Uint8Array): boolean {
  return sameDigest(mac, macOf(signed, key));
}

/** Whether now is within its life. A clock may have been half a minute ahead where it was issued. */
export function isCurrent({ iat, exp }: Pick<JwtClaims, 'iat' | 'exp'>, nowMs: number): boolean {
  return iat <= nowMs / 1000 + skewSeconds && nowMs / 1000 < exp && exp - iat <= jwtSecondsMax;
}

const headerForm = /^\{"alg":"HS256","typ":"JWT","kid":"([A-Za-z0-9.-]{1,64})"\}$/;

function headerOf(kid: string): string {
  return JSON.stringify({ alg: 'HS256', typ: 'JWT', kid });
}

function claimsText({ sub, key, iss, aud, iat, exp, jti }: JwtClaims): string {
  return JSON.stringify({ sub, key, iss, aud, iat, exp, jti });
}

function claimsOf(text: string): JwtClaims | undefined {
  const claims = parsed(text);
  return isClaims(claims) && claimsText(claims) === text ? claims : undefined;
}

function isClaims(value: unknown): value is JwtClaims {
  if (typeof value !== 'object' || value === null) return false;
  const { sub, key, iss, aud, iat, exp, jti } = value as Readonly<Record<string, unknown>>;
  const named = [sub, jti].every((id) => typeof id === 'string' && isUuid(id));
  const texts = [key, iss, aud].every((claim) => typeof claim === 'string');
  return named && texts && Number.isSafeInteger(iat) && Number.isSafeInteger(exp);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function encoded(text: string): string {
  return Buffer.from(text, 'utf8').toString('base64url');
}

/** @returns undefined unless these very characters are how we would encode the bytes */
function decoded(part: string): Buffer | undefined {
  const bytes = Buffer.from(part, 'base64url');
  return bytes.length > 0 && bytes.toString('base64url') === part ? bytes : undefined;
}

function macOf(signed: string, key: Uint8Array): Digest {
  return createHmac('sha256', key).update(signed).digest() as Digest;
}
