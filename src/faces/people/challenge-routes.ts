import { problemAnswers } from '../../http/problem.ts';
import { noQuery } from '../../http/schemas.ts';
import type { HttpServer } from '../../http/server.ts';
import { asking, marked, type SecondFactorOptions } from './asking.ts';
import { refuseFactor } from './factor-errors.ts';
import { challengeBodyOf, challengeCheckBodyOf, toChallenge } from './factor-mapping.ts';
import {
  challengeBody,
  challengeCheckReply,
  challengeParams,
  challengeReply,
  codeBody,
  repeatHeaders,
  userParams,
} from './factor-wire.ts';
import { knownId } from './mapping.ts';

/** Requests to a user to show a second factor. */
export function challengeRoutes(app: HttpServer, { people: { challenges }, rates }: SecondFactorOptions): void {
  app.post('/users/:id/challenges', {
    config: { scope: 'challenges:write', emptyBody: true, urgency: 'create' },
    schema: {
      operationId: 'createChallenge',
      summary: 'Ask a user for a second factor',
      description:
        'Where the user has an authenticator app, its code is wanted and nothing is sent, unless a channel or a factor is named. Else a code goes to the number or address that was enrolled last.',
      tags: ['challenges'],
      params: userParams,
      querystring: noQuery,
      headers: repeatHeaders,
      body: challengeBody,
      response: { 201: challengeReply, ...problemAnswers },
    },
    handler: async (request, reply) => {
      const { params, body } = request;
      rates.take('creates', request.authorized.tenantId);
      const answer = await challenges.create(asking(request), knownId(params.id), toChallenge(body));
      const outcome = marked(reply, answer);
      if (outcome.kind !== 'challenged') return refuseFactor(reply, outcome);
      return reply.code(201).send(challengeBodyOf(outcome.challenge));
    },
  });

  app.get('/users/:id/challenges/:challengeId', {
    config: { scope: 'users:read' },
    schema: {
      operationId: 'getChallenge',
      summary: 'Look at a challenge',
      tags: ['challenges'],
      params: challengeParams,
      querystring: noQuery,
      response: { 200: challengeReply, ...problemAnswers },
    },
    handler: async ({ authorized, params }, reply) => {
      const answer = await challenges.get(authorized.tenantId, knownId(params.id), knownId(params.challengeId));
      return answer.kind === 'challenge' ? reply.send(challengeBodyOf(answer.challenge)) : refuseFactor(reply, answer);
    },
  });

  app.post('/users/:id/challenges/:challengeId/checks', {
    config: { scope: 'challenges:write', urgency: 'check' },
    schema: {
      operationId: 'checkChallenge',
      summary: 'Check a code for a challenge',
      description: 'Of any active factor of the user, or a recovery code.',
      tags: ['challenges'],
      params: challengeParams,
      querystring: noQuery,
      headers: repeatHeaders,
      body: codeBody,
      response: { 200: challengeCheckReply, ...problemAnswers },
    },
    handler: async (request, reply) => {
      const { params, body } = request;
      rates.take('checks', request.authorized.tenantId);
      const answer = await challenges.check(asking(request), knownId(params.id), knownId(params.challengeId), body);
      const outcome = marked(reply, answer);
      return 'challenge' in outcome ? reply.send(challengeCheckBodyOf(outcome)) : refuseFactor(reply, outcome);
    },
  });
}
