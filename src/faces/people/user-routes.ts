import type { FastifyReply } from 'fastify';
import type { UserOutcome } from '../../engine/commands/change-user.ts';
import type { People } from '../../engine/people.ts';
import { repeatable } from '../../http/authorized.ts';
import { momentMs } from '../../http/moment.ts';
import { problemAnswers } from '../../http/problem.ts';
import { emptyBody, idParams, noQuery } from '../../http/schemas.ts';
import type { HttpServer } from '../../http/server.ts';
import { type Refusal, refuse } from './errors.ts';
import { cursorOf, knownId, sessionBodyOf, userBodyOf, usersBodyOf } from './mapping.ts';
import {
  newSessionReply,
  repeatHeaders,
  sessionsReply,
  tokenBody,
  userBody,
  userChanges,
  userReply,
  usersQuery,
  usersReply,
} from './wire.ts';

/** Users of one tenant, and the tokens that they have for good. A token is shown once, when it is made. */
export function userRoutes(app: HttpServer, { users, sessions }: People): void {
  const answered = (reply: FastifyReply, answer: UserOutcome | Refusal, status = 200) =>
    answer.kind === 'user' ? reply.code(status).send(userBodyOf(answer.user)) : refuse(reply, answer);

  app.post('/users', {
    config: { scope: 'users:write' },
    schema: {
      operationId: 'createUser',
      summary: 'Make a user',
      tags: ['users'],
      querystring: noQuery,
      headers: repeatHeaders,
      body: userBody,
      response: { 201: userReply, ...problemAnswers },
    },
    handler: async (request, reply) => {
      const { outcome, replayed } = await users.create(repeatable(request), request.body);
      if (replayed) reply.header('idempotency-replayed', 'true');
      return answered(reply, outcome, 201);
    },
  });

  app.get('/users', {
    config: { scope: 'users:read' },
    schema: {
      operationId: 'listUsers',
      summary: 'List users',
      description: 'The newest come first; those with a reference, phone number or e-mail address where one is given.',
      tags: ['users'],
      querystring: usersQuery,
      response: { 200: usersReply, ...problemAnswers },
    },
    handler: async ({ authorized, query: { cursor, limit = '20', ...filter } }, reply) => {
      const wanted = { ...filter, before: cursorOf(cursor), limit: Number(limit) };
      const answer = await users.list(authorized.tenantId, wanted);
      return answer.kind === 'page' ? reply.send(usersBodyOf(answer)) : refuse(reply, answer);
    },
  });

  app.get('/users/:id', {
    config: { scope: 'users:read' },
    schema: {
      operationId: 'getUser',
      summary: 'Look at a user',
      tags: ['users'],
      params: idParams,
      querystring: noQuery,
      response: { 200: userReply, ...problemAnswers },
    },
    handler: async ({ authorized, params }, reply) =>
      answered(reply, await users.get(authorized.tenantId, knownId(params.id))),
  });

  app.patch('/users/:id', {
    config: { scope: 'users:write' },
    schema: {
      operationId: 'changeUser',
      summary: 'Change a user',
      description: 'What is not named stays; null takes away. Another password ends every login, and no user token.',
      tags: ['users'],
      params: idParams,
      querystring: noQuery,
      body: userChanges,
      response: { 200: userReply, ...problemAnswers },
    },
    handler: async ({ authorized, params, body }, reply) =>
      answered(reply, await users.change(authorized, knownId(params.id), body)),
  });

  app.delete('/users/:id', {
    config: { scope: 'users:write' },
    schema: {
      operationId: 'deleteUser',
      summary: 'Delete a user',
      description: 'With factors, recovery codes, challenges, sessions and tokens.',
      tags: ['users'],
      params: idParams,
      querystring: noQuery,
      response: { 200: emptyBody, ...problemAnswers },
    },
    handler: async ({ authorized, params }, reply) => {
      const answer = await users.remove(authorized, knownId(params.id));
      return answer.kind === 'deleted' ? reply.send({}) : refuse(reply, answer);
    },
  });

  app.post('/users/:id/tokens', {
    config: { scope: 'users:write' },
    schema: {
      operationId: 'createUserToken',
      summary: 'Give a user a token',
      description: 'It works until it ends or is revoked, whatever happens to the password.',
      tags: ['users'],
      params: idParams,
      querystring: noQuery,
      headers: repeatHeaders,
      body: tokenBody,
      response: { 201: newSessionReply, ...problemAnswers },
    },
    handler: async (request, reply) => {
      const { description, expiresAt } = request.body;
      const wanted = { description, expiresAtMs: momentMs('expiresAt', expiresAt) };
      const answer = await sessions.createUserToken(repeatable(request), knownId(request.params.id), wanted);
      if (answer.kind !== 'session') return refuse(reply, answer);
      return reply.code(201).send({ ...sessionBodyOf(answer.session), token: answer.token });
    },
  });

  app.get('/users/:id/tokens', {
    config: { scope: 'users:read' },
    schema: {
      operationId: 'listUserTokens',
      summary: 'List the tokens of a user',
      tags: ['users'],
      params: idParams,
      querystring: noQuery,
      response: { 200: sessionsReply, ...problemAnswers },
    },
    handler: async ({ authorized, params }, reply) => {
      const answer = await sessions.list(authorized.tenantId, knownId(params.id), 'user-tokens');
      if (answer.kind !== 'sessions') return refuse(reply, answer);
      return reply.send({ sessions: answer.sessions.map(sessionBodyOf) });
    },
  });
}
