import type { FastifyRequest } from 'fastify';
import { type KeyPair, type ReadApiKey, readApiKey, readKeyPair } from '../domain/api-key.ts';
import { type Digest, digest, sameDigest } from '../domain/bytes.ts';
import type { Scope } from '../domain/scope.ts';
import { hasEnded } from '../engine/commands/change-api-key.ts';
import type { Directory } from '../engine/directory.ts';
import type { ApiKey, ProvenKey } from '../engine/tenancy.ts';
import type { KeyProof } from '../engine/tokens.ts';
import { type TrustedProxies, trustedProxies } from './client-address.ts';
import { EdgeRefusal } from './edge-error.ts';
import { peerAddress, peerKey } from './peer.ts';
import type { RateLimiter } from './rates.ts';

export interface AuthenticationOptions {
  readonly directory: Directory;
  readonly rates: Pick<RateLimiter, 'take'>;
  readonly proxies: TrustedProxies;
  /** The store's time, by which keys end. */
  readonly nowMs: () => number;
  /** Told of every use of a key. */
  readonly used: (key: ApiKey) => void;
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** What an API key must hold for this route: a login takes `any` key. Without it no key is enough. */
    scope?: Scope | 'any';
  }
}

/** Finds out whose request this is, and whether it may do this. */
export type Authenticate = (request: FastifyRequest) => Promise<ApiKey>;

/**
 * The same for what was found in the request: an API key, or the proof of one (a pair of halves, a token); undefined when
 * nothing there can be either.
 */
export type AuthenticateKey = (request: FastifyRequest, given: ReadApiKey | KeyProof | undefined) => Promise<ApiKey>;

const nobody: ProvenKey = { id: '', tenantId: '', hash: digest('').toString('hex') };

/** From a bearer API key and nothing else. Throws as `keyAuthentication` does. */
export function bearerAuthentication(authenticate: AuthenticateKey): Authenticate {
  return (request) => authenticate(request, bearerKey(request.headers.authorization));
}

/**
 * @throws EdgeRefusal (from what it returns) without a valid key, after too many invalid ones from one address, from an
 * address that the key does not know, or where the key lacks the scope of the route
 */
export function keyAuthentication(options: AuthenticationOptions): AuthenticateKey {
  const { directory, rates, proxies, nowMs, used } = options;
  return async (request, given) => {
    const known = given && (await directory.apiKey(given.id));
    if (known !== undefined && given !== undefined && isOf(given, known) && !hasEnded(known, nowMs())) {
      assertMay(known, request, proxies);
      rates.take('apiKey', known.id);
      used(known);
      return known;
    }
    // The same work as for a known key, so that the time does not tell which key ids exist.
    if (known === undefined && given !== undefined) isOf(given, nobody);
    rates.take('failedAuthentications', peerKey(request, proxies));
    throw new EdgeRefusal({ kind: 'unauthorized' });
  };
}

function isOf(given: ReadApiKey | KeyProof, key: ProvenKey): boolean {
  return 'isOf' in given ? given.isOf(key) : sameDigest(given.hash, Buffer.from(key.hash, 'hex') as Digest);
}

/** The proof that two halves of an API key are. @returns undefined when they cannot be of a key of ours */
export function pairProof(pair: KeyPair): KeyProof | undefined {
  const candidates = readKeyPair(pair);
  if (candidates.length === 0) return undefined;
  return { id: pair.key, isOf: (key) => candidates.some((candidate) => isOf(candidate, key)) };
}

function assertMay(key: ApiKey, request: FastifyRequest, proxies: TrustedProxies): void {
  if (key.sources.length > 0 && !sourcesOf(key).has(peerAddress(request, proxies) ?? '')) {
    throw new EdgeRefusal({ kind: 'forbidden', remedy: 'This key is not accepted from this address.' });
  }
  const { scope } = request.routeOptions.config;
  if (scope === 'any') return;
  if (scope === undefined || !key.scopes.includes(scope)) {
    throw new EdgeRefusal({ kind: 'forbidden', remedy: `This key lacks the scope ${scope ?? 'of this route'}.` });
  }
}

/** Ranges are read once for a key as the directory remembers it. */
const sources = new WeakMap<ApiKey, TrustedProxies>();

function sourcesOf(key: ApiKey): TrustedProxies {
  const known = sources.get(key) ?? trustedProxies(key.sources);
  sources.set(key, known);
  return known;
}

function bearerKey(header: string | undefined) {
  if (header === undefined || !/^bearer /i.test(header)) return undefined;
  return readApiKey(header.slice('bearer '.length).trim());
}
