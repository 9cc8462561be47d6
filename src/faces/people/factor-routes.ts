import { problemAnswers } from '../../http/problem.ts';
import { emptyBody, noQuery } from '../../http/schemas.ts';
import type { HttpServer } from '../../http/server.ts';
import { asking, marked, type SecondFactorOptions } from './asking.ts';
import { refuseFactor } from './factor-errors.ts';
import { activatedBodyOf, enrolledBodyOf, factorBodyOf, sentBodyOf, toEnrolment, toMessage } from './factor-mapping.ts';
import {
  activateReply,
  codeBody,
  enrolBody,
  enrolReply,
  factorParams,
  factorReply,
  factorsReply,
  repeatHeaders,
  secretHeaders,
  sendBody,
  sentReply,
  userParams,
} from './factor-wire.ts';
import { knownId } from './mapping.ts';

/** What is enrolled to a user. A secret is shown once, when it is made. */
export function factorRoutes(app: HttpServer, { people: { factors }, rates }: SecondFactorOptions): void {
  app.get('/users/:id/factors', {
    config: { scope: 'users:read' },
    schema: {
      operationId: 'listFactors',
      summary: 'List the factors of a user',
      tags: ['factors'],
      params: userParams,
      querystring: noQuery,
      response: { 200: factorsReply, ...problemAnswers },
    },
    handler: async ({ authorized, params }, reply) => {
      const answer = await factors.list(authorized.tenantId, knownId(params.id));
      if (answer.kind !== 'factors') return refuseFactor(reply, answer);
      return reply.send({ factors: answer.factors.map(factorBodyOf) });
    },
  });

  app.post('/users/:id/factors', {
    config: { scope: 'factors:write', urgency: 'create' },
    schema: {
      operationId: 'enrolFactor',
      summary: 'Enrol a factor',
      description:
        'It is active once a first code of it was right. An authenticator app takes its secret from the QR code; to a number or an address a code is sent at once.',
      tags: ['factors'],
      params: userParams,
      querystring: noQuery,
      headers: secretHeaders,
      body: enrolBody,
      response: { 201: enrolReply, ...problemAnswers },
    },
    handler: async (request, reply) => {
      const { params, body } = request;
      rates.take('creates', request.authorized.tenantId);
      const outcome = marked(reply, await factors.enrol(asking(request), knownId(params.id), toEnrolment(body)));
      if (outcome.kind !== 'enrolled') return refuseFactor(reply, outcome);
      return reply.code(201).send(enrolledBodyOf(outcome));
    },
  });

  app.get('/users/:id/factors/:factorId', {
    config: { scope: 'users:read' },
    schema: {
      operationId: 'getFactor',
      summary: 'Look at a factor',
      tags: ['factors'],
      params: factorParams,
      querystring: noQuery,
      response: { 200: factorReply, ...problemAnswers },
    },
    handler: async ({ authorized, params }, reply) => {
      const answer = await factors.get(authorized.tenantId, knownId(params.id), knownId(params.factorId));
      return answer.kind === 'factor' ? reply.send(factorBodyOf(answer.factor)) : refuseFactor(reply, answer);
    },
  });

  app.post('/users/:id/factors/:factorId/activate', {
    config: { scope: 'factors:write', urgency: 'check' },
    schema: {
      operationId: 'activateFactor',
      summary: 'Activate a factor with its first code',
      tags: ['factors'],
      params: factorParams,
      querystring: noQuery,
      headers: repeatHeaders,
      body: codeBody,
      response: { 200: activateReply, ...problemAnswers },
    },
    handler: async (request, reply) => {
      const { params, body } = request;
      rates.take('checks', request.authorized.tenantId);
      const answer = await factors.activate(asking(request), knownId(params.id), knownId(params.factorId), body);
      const outcome = marked(reply, answer);
      return 'factor' in outcome ? reply.send(activatedBodyOf(outcome)) : refuseFactor(reply, outcome);
    },
  });

  app.post('/users/:id/factors/:factorId/sends', {
    config: { scope: 'factors:write', emptyBody: true, urgency: 'create' },
    schema: {
      operationId: 'sendFactorCode',
      summary: 'Send another code for a pending factor',
      description: 'The code before it is dead from then on.',
      tags: ['factors'],
      params: factorParams,
      querystring: noQuery,
      headers: repeatHeaders,
      body: sendBody,
      response: { 201: sentReply, ...problemAnswers },
    },
    handler: async (request, reply) => {
      const { params, body } = request;
      rates.take('creates', request.authorized.tenantId);
      const wish = toMessage(body);
      const answer = await factors.sendCode(asking(request), knownId(params.id), knownId(params.factorId), wish);
      const outcome = marked(reply, answer);
      return outcome.kind === 'sent' ? reply.code(201).send(sentBodyOf(outcome)) : refuseFactor(reply, outcome);
    },
  });

  app.delete('/users/:id/factors/:factorId', {
    config: { scope: 'factors:write' },
    schema: {
      operationId: 'removeFactor',
      summary: 'Remove a factor',
      description: 'The recovery codes of the user go with the last active one.',
      tags: ['factors'],
      params: factorParams,
      querystring: noQuery,
      response: { 200: emptyBody, ...problemAnswers },
    },
    handler: async (request, reply) => {
      const { params } = request;
      const answer = await factors.remove(asking(request), knownId(params.id), knownId(params.factorId));
      return answer.kind === 'removed' ? reply.send({}) : refuseFactor(reply, answer);
    },
  });
}
