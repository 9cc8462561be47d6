import type { FastifyRequest } from 'fastify';
import type { Administration } from '../engine/administration.ts';
import type { Directory } from '../engine/directory.ts';
import type { Engine } from '../engine/engine.ts';
import { keyIssue } from '../engine/key-issue.ts';
import type { People } from '../engine/people.ts';
import type { Store } from '../engine/store.ts';
import { defaultService } from '../engine/tenancy.ts';
import type { Tokens } from '../engine/tokens.ts';
import { dingAnswers } from '../faces/ding/errors.ts';
import { dingRoutes } from '../faces/ding/routes.ts';
import { metalAnswers } from '../faces/metal/errors.ts';
import { metalRoutes } from '../faces/metal/routes.ts';
import { smscxAnswers } from '../faces/smscx/errors.ts';
import { smscxRoutes } from '../faces/smscx/routes.ts';
import { answers as smsworksAnswers } from '../faces/smsworks/errors.ts';
import { smsworksRoutes } from '../faces/smsworks/routes.ts';
import type { AuthenticateKey } from '../http/authentication.ts';
import type { TrustedProxies } from '../http/client-address.ts';
import type { EdgeFace } from '../http/edge-error.ts';
import { peerAddress, peerKey } from '../http/peer.ts';
import type { HttpServer } from '../http/server.ts';
import { userAuthentication } from '../http/user-authentication.ts';
import { defaultFaces, type Parts } from './parts.ts';

/** A vendor's API: how it words what goes wrong around it, and its routes. */
export interface VendorFace {
  readonly face: EdgeFace;
  routes(app: HttpServer, authenticate: AuthenticateKey): Promise<void>;
}

export interface VendorFaceParts {
  readonly parts: Parts;
  readonly engine: Engine;
  readonly people: People;
  readonly store: Store;
  readonly administration: Administration;
  readonly directory: Directory;
  readonly tokens: Tokens;
  readonly proxies: TrustedProxies;
  /** The store's time. */
  readonly nowMs: () => number;
}

/** Every vendor that we speak as. */
export function vendorFaces(given: VendorFaceParts): readonly VendorFace[] {
  return [smsworks(given), smscx(given), ding(given), metal(given)];
}

function smsworks({ parts, engine, administration, tokens, proxies }: VendorFaceParts): VendorFace {
  const { rates, faces = defaultFaces } = parts;
  const { keyIssue: issues, countryCode, tokenLifetimeSeconds } = faces.smsworks;
  const issue = keyIssue(administration);
  const issueKey = (request: FastifyRequest, customerId: string) => {
    rates.take('keyIssues', peerKey(request, proxies));
    const by = { name: 'anybody, by /auth/getApiKey', address: peerAddress(request, proxies), requestId: request.id };
    return issue(customerId, by);
  };
  const own = { tokenLifetimeSeconds, countryCode: String(countryCode), issueKey: issues ? issueKey : undefined };
  return {
    face: smsworksAnswers.face,
    routes: (app, authenticate) => smsworksRoutes(app, { engine, tokens, rates, authenticate, ...own }),
  };
}

function smscx({ parts: { rates, publicUrl }, engine, directory, tokens, nowMs }: VendorFaceParts): VendorFace {
  const answers = smscxAnswers({ rates, nowMs, publicUrl });
  const service = (tenantId: string) => directory.service(tenantId, defaultService);
  return {
    face: answers.face,
    routes: (app, authenticate) => smscxRoutes(app, { engine, answers, authenticate, tokens, rates, service }),
  };
}

function ding({ parts: { rates, publicUrl }, engine }: VendorFaceParts): VendorFace {
  const answers = dingAnswers({ publicUrl });
  return {
    face: answers.face,
    routes: (app, authenticate) => dingRoutes(app, { engine, answers, authenticate, rates }),
  };
}

function metal({ parts, people, store, proxies }: VendorFaceParts): VendorFace {
  const { rates, faces = defaultFaces } = parts;
  const { issuer, tenant: named } = faces.metal;
  const tenant = async () => {
    const [first, second] = named === undefined ? await store.queries.tenants() : [{ id: named }];
    return second === undefined ? first?.id : undefined;
  };
  const authenticateUser = userAuthentication({ sessions: people.sessions, rates, proxies });
  const own = { people, authenticateUser, rates, proxies, tenant, issuer };
  return {
    face: metalAnswers.face,
    routes: (app, authenticateKey) => metalRoutes(app, { ...own, authenticateKey }),
  };
}
