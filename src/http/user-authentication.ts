import type { FastifyRequest } from 'fastify';
import { readLogin } from '../domain/user.ts';
import type { KnownSession, Sessions } from '../engine/sessions.ts';
import type { TrustedProxies } from './client-address.ts';
import { EdgeRefusal } from './edge-error.ts';
import { peerKey } from './peer.ts';
import type { RateLimiter } from './rates.ts';

export interface UserAuthenticationOptions {
  readonly sessions: Pick<Sessions, 'ofToken'>;
  readonly rates: Pick<RateLimiter, 'take'>;
  readonly proxies: TrustedProxies;
}

/**
 * Finds out which user a request is of, where users themselves speak to a face. The session may be half-open: a face
 * looks at its `state` before it does more than ask for the second factor.
 * @param token - as the request holds it; undefined when it holds none
 */
export type AuthenticateUser = (request: FastifyRequest, token: string | undefined) => Promise<KnownSession>;

/** @throws EdgeRefusal (from what it returns) without the token of an open session, or after too many of one user or address */
export function userAuthentication({ sessions, rates, proxies }: UserAuthenticationOptions): AuthenticateUser {
  return async (request, token) => {
    const known = token === undefined ? undefined : await sessions.ofToken(token);
    if (known !== undefined) {
      // Of the user, so that more tokens are no more requests: some of them leave rows behind for a year.
      rates.take('users', known.user.id);
      return known;
    }
    rates.take('failedAuthentications', peerKey(request, proxies));
    throw new EdgeRefusal({ kind: 'unauthorized' });
  };
}

/** Bounds how often passwords are tried: of one login, whoever has it, and from one address. */
export interface LoginRates {
  /**
   * Asked before a password is looked at: beyond the rate a right one is refused as well, else guessing would go on.
   * @param login - as it was typed
   * @throws EdgeRefusal when either rate is reached
   */
  admit(request: FastifyRequest, tenantId: string, login: string): void;
  /** Told of a login that came to nothing. @throws EdgeRefusal after too many of them from one address */
  failed(request: FastifyRequest): void;
}

export function loginRates({ rates, proxies }: { rates: RateLimiter; proxies: TrustedProxies }): LoginRates {
  return {
    admit(request, tenantId, login) {
      rates.admit('failedAuthentications', peerKey(request, proxies));
      rates.take('logins', `${tenantId} ${readLogin(login) ?? ''}`);
    },
    failed: (request) => rates.take('failedAuthentications', peerKey(request, proxies)),
  };
}
