import type { People } from '../../engine/people.ts';
import { repeatable } from '../../http/authorized.ts';
import { problemAnswers } from '../../http/problem.ts';
import { emptyBody, idParams, noQuery } from '../../http/schemas.ts';
import type { HttpServer } from '../../http/server.ts';
import { refuse } from './errors.ts';
import { introspectionBodyOf, knownId, sessionBodyOf } from './mapping.ts';
import {
  introspectionReply,
  newSessionReply,
  repeatHeaders,
  sessionBody,
  sessionsQuery,
  sessionsReply,
  tokenGiven,
} from './wire.ts';

/** Sessions of the users of one tenant: fresh logins, and the tokens that users have for good. */
export function sessionRoutes(app: HttpServer, { sessions }: People): void {
  app.post('/sessions', {
    config: { scope: 'sessions:write' },
    schema: {
      operationId: 'createSession',
      summary: 'Open a session after a challenge',
      description: 'A challenge that was met opens one session within ten minutes.',
      tags: ['sessions'],
      querystring: noQuery,
      headers: repeatHeaders,
      body: sessionBody,
      response: { 201: newSessionReply, ...problemAnswers },
    },
    handler: async (request, reply) => {
      const answer = await sessions.createFromChallenge(repeatable(request), knownId(request.body.challengeId));
      if (answer.kind !== 'session') return refuse(reply, answer);
      return reply.code(201).send({ ...sessionBodyOf(answer.session), token: answer.token });
    },
  });

  app.post('/sessions/introspect', {
    config: { scope: 'sessions:read' },
    schema: {
      operationId: 'introspectSession',
      summary: 'Ask what a token is good for',
      description: 'To ask counts as use: a login that nobody asks about is over after a while.',
      tags: ['sessions'],
      querystring: noQuery,
      body: tokenGiven,
      response: { 200: introspectionReply, ...problemAnswers },
    },
    handler: async ({ authorized, body }, reply) =>
      reply.send(introspectionBodyOf(await sessions.introspect(authorized.tenantId, body))),
  });

  app.get('/sessions', {
    config: { scope: 'sessions:read' },
    schema: {
      operationId: 'listSessions',
      summary: 'List the open sessions of a user',
      description: 'Logins and user tokens, the newest first.',
      tags: ['sessions'],
      querystring: sessionsQuery,
      response: { 200: sessionsReply, ...problemAnswers },
    },
    handler: async ({ authorized, query }, reply) => {
      const answer = await sessions.list(authorized.tenantId, knownId(query.userId));
      if (answer.kind !== 'sessions') return refuse(reply, answer);
      return reply.send({ sessions: answer.sessions.map(sessionBodyOf) });
    },
  });

  app.delete('/sessions/:id', {
    config: { scope: 'sessions:write' },
    schema: {
      operationId: 'deleteSession',
      summary: 'End a session',
      description: 'Its token is refused from then on.',
      tags: ['sessions'],
      params: idParams,
      querystring: noQuery,
      response: { 200: emptyBody, ...problemAnswers },
    },
    handler: async ({ authorized, params }, reply) => {
      const answer = await sessions.revoke(authorized, { id: knownId(params.id) });
      return answer.kind === 'session' ? reply.send({}) : refuse(reply, answer);
    },
  });

  app.post('/sessions/revoke', {
    config: { scope: 'sessions:write' },
    schema: {
      operationId: 'revokeToken',
      summary: 'End the session of a token',
      tags: ['sessions'],
      querystring: noQuery,
      headers: repeatHeaders,
      body: tokenGiven,
      response: { 200: emptyBody, ...problemAnswers },
    },
    handler: async ({ authorized, body }, reply) => {
      const answer = await sessions.revoke(authorized, body);
      return answer.kind === 'session' ? reply.send({}) : refuse(reply, answer);
    },
  });
}
