import type { IncomingHttpHeaders } from 'node:http';
import { type Digest, digest, hmac, sameDigest } from '../../domain/bytes.ts';
import type { Refusal } from './refusal.ts';

/** The cookie that stands for the token in a browser. It holds a value derived from the token, not the token. */
export const cookieName = 'countersign_dev';

export interface Guarded {
  readonly headers: IncomingHttpHeaders;
  /** The token from the query, where that is a way to present it. */
  readonly queryToken?: string | undefined;
}

export interface Guard {
  /** Says why a request is not to be answered, or undefined when it is. */
  refusalOf(request: Guarded): Refusal | undefined;
  /** Whether this text is the configured token. */
  isToken(text: string | undefined): boolean;
  /** What `Set-Cookie` says to let this browser in; undefined when no token is configured. */
  readonly cookie: string | undefined;
}

/**
 * Decides who may see codes and credentials: programs and pages on this machine, and whoever holds the token.
 * A page of another site must not, even where it makes this machine's own browser ask (by a form, a script, or a
 * host name that suddenly points here); nor anyone behind a proxy, where a local address proves nothing.
 */
export function createGuard(token: string | undefined): Guard {
  const expected = token === undefined ? undefined : digest(token);
  const cookieValue = token === undefined ? undefined : hmac(Buffer.from(token), 'inbox cookie').toString('hex');
  const expectedCookie = cookieValue === undefined ? undefined : digest(cookieValue);

  const isToken = (text: string | undefined) => matches(text, expected);
  const presentsToken = ({ headers, queryToken }: Guarded) =>
    isToken(bearerOf(headers)) || isToken(queryToken) || matches(cookieOf(headers), expectedCookie);

  return {
    isToken,
    cookie: cookieValue === undefined ? undefined : `${cookieName}=${cookieValue}; Path=/; HttpOnly; SameSite=Strict`,
    refusalOf(request) {
      if (isForwarded(request.headers)) return forwarded;
      if (expected === undefined && !isLocal(request.headers.host)) return foreignHost;
      if (isCrossSite(request.headers)) return crossSite;
      if (expected !== undefined && !presentsToken(request)) return tokenRequired;
      return undefined;
    },
  };
}

function matches(text: string | undefined, expected: Digest | undefined): boolean {
  return text !== undefined && expected !== undefined && sameDigest(digest(text), expected);
}

function isForwarded(headers: IncomingHttpHeaders): boolean {
  return Object.keys(headers).some(
    (name) => name === 'forwarded' || name === 'via' || name === 'x-real-ip' || name.startsWith('x-forwarded-'),
  );
}

function isLocal(host: string | undefined): boolean {
  return host !== undefined && /^(?:127\.0\.0\.1|localhost|\[::1\])(?::\d{1,5})?$/i.test(host);
}

/** `none` is an address that a person typed. Programs and old browsers send neither header. */
function isCrossSite(headers: IncomingHttpHeaders): boolean {
  const site = headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return true;
  return headers.origin !== undefined && !isOwnOrigin(headers.origin, headers.host);
}

function isOwnOrigin(origin: string, host: string | undefined): boolean {
  if (host === undefined || !/^https?:\/\//.test(origin)) return false;
  const [scheme] = origin.split('//');
  try {
    return new URL(origin).host === new URL(`${scheme}//${host}`).host;
  } catch {
    return false;
  }
}

function bearerOf(headers: IncomingHttpHeaders): string | undefined {
  return /^bearer +(\S+)$/i.exec(headers.authorization ?? '')?.[1];
}

function cookieOf(headers: IncomingHttpHeaders): string | undefined {
  const pairs = (headers.cookie ?? '').split('; ');
  return pairs.find((pair) => pair.startsWith(`${cookieName}=`))?.slice(cookieName.length + 1);
}

const forwarded: Refusal = {
  status: 403,
  code: 'forwarded_request',
  title: 'Not through a proxy',
  detail:
    'The development inbox shows codes and credentials, so it does not answer requests that came through a proxy. ' +
    'Ask this server directly, without Forwarded, Via, X-Real-IP or X-Forwarded-* headers.',
};

const foreignHost: Refusal = {
  status: 403,
  code: 'host_not_allowed',
  title: 'Only for this machine',
  detail:
    'The development inbox answers to 127.0.0.1, localhost and [::1] only. Use one of these as the host, or start ' +
    'the server with COUNTERSIGN_DEV_TOKEN set and send that token as "Authorization: Bearer <token>".',
};

const crossSite: Refusal = {
  status: 403,
  code: 'cross_site_request',
  title: 'Not from another site',
  detail:
    'This request came from a page of another site or port. Type the address into the address bar, or ask with a ' +
    'program such as curl.',
};

const tokenRequired: Refusal = {
  status: 403,
  code: 'token_required',
  title: 'The development token is required',
  detail:
    'Send the value of COUNTERSIGN_DEV_TOKEN as "Authorization: Bearer <token>"; in a browser, open /?token=<token> once.',
};
