import type { FastifyRequest } from 'fastify';
import { readApiKey } from '../domain/api-key.ts';
import { type Digest, digest, sameDigest } from '../domain/bytes.ts';
import type { Directory } from '../engine/directory.ts';
import type { ApiKey } from '../engine/tenancy.ts';
import { addressKey, clientAddress, type TrustedProxies } from './client-address.ts';
import { EdgeRefusal } from './edge-error.ts';
import type { RateLimiter } from './rates.ts';

export interface AuthenticationOptions {
  readonly directory: Directory;
  readonly rates: RateLimiter;
  readonly proxies: TrustedProxies;
}

/** Finds out whose request this is, from a bearer API key and nothing else. */
export type Authenticate = (request: FastifyRequest) => Promise<ApiKey>;

const nobody: Digest = digest('');

/** @throws EdgeRefusal (from what it returns) without a valid key, or after too many invalid ones from one address */
export function bearerAuthentication({ directory, rates, proxies }: AuthenticationOptions): Authenticate {
  return async (request) => {
    const given = bearerKey(request.headers.authorization);
    const known = given && (await directory.apiKey(given.id));
    if (
      known !== undefined &&
      given !== undefined &&
      sameDigest(given.hash, Buffer.from(known.hash, 'hex') as Digest)
    ) {
      rates.take('apiKey', known.id);
      return known;
    }
    // The same work as for a known key, so that the time does not tell which key ids exist.
    if (given !== undefined) sameDigest(given.hash, nobody);
    rates.take('failedAuthentications', peerKey(request, proxies));
    throw new EdgeRefusal({ kind: 'unauthorized' });
  };
}

function bearerKey(header: string | undefined) {
  if (header === undefined || !/^bearer /i.test(header)) return undefined;
  return readApiKey(header.slice('bearer '.length).trim());
}

function peerKey({ socket, headers }: FastifyRequest, proxies: TrustedProxies): string {
  const forwarded = headers['x-forwarded-for'];
  const address = clientAddress(
    socket.remoteAddress,
    Array.isArray(forwarded) ? forwarded.join(',') : forwarded,
    proxies,
  );
  return addressKey(address ?? '') ?? '';
}
