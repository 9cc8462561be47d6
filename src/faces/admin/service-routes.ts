import type { FastifyReply } from 'fastify';
import type { Administration } from '../../engine/administration.ts';
import { repeatable } from '../../http/authorized.ts';
import { momentMs } from '../../http/moment.ts';
import { problemAnswers } from '../../http/problem.ts';
import { noQuery } from '../../http/schemas.ts';
import type { HttpServer } from '../../http/server.ts';
import { refuse } from './errors.ts';
import { serviceBodyOf, toServiceChanges } from './mapping.ts';
import {
  nameParams,
  repeatHeaders,
  serviceBody,
  serviceChanges,
  serviceReply,
  servicesReply,
  testNumberBody,
  testNumberParams,
} from './wire.ts';

/** Services of one tenant, with their test numbers. */
export function serviceRoutes(app: HttpServer, administration: Administration): void {
  const answered = (reply: FastifyReply, answer: Awaited<ReturnType<Administration['changeService']>>, status = 200) =>
    answer.kind === 'service' ? reply.code(status).send(serviceBodyOf(answer.service)) : refuse(reply, answer);

  app.get('/services', {
    config: { scope: 'services:read' },
    schema: {
      operationId: 'listServices',
      summary: 'List services',
      tags: ['services'],
      querystring: noQuery,
      response: { 200: servicesReply, ...problemAnswers },
    },
    handler: async ({ authorized }, reply) =>
      reply.send({ services: (await administration.services(authorized.tenantId)).map(serviceBodyOf) }),
  });

  app.post('/services', {
    config: { scope: 'services:write' },
    schema: {
      operationId: 'createService',
      summary: 'Make a service',
      tags: ['services'],
      querystring: noQuery,
      headers: repeatHeaders,
      body: serviceBody,
      response: { 201: serviceReply, ...problemAnswers },
    },
    handler: async (request, reply) => {
      const { name, ...rest } = request.body;
      const asked = { name, ...toServiceChanges(rest) };
      const answer = await administration.createService(repeatable(request), asked);
      if ('replayed' in answer) reply.header('idempotency-replayed', 'true');
      return answer.kind === 'service' ? answered(reply, answer, 201) : refuse(reply, answer);
    },
  });

  app.get('/services/:name', {
    config: { scope: 'services:read' },
    schema: {
      operationId: 'getService',
      summary: 'Look at a service',
      tags: ['services'],
      params: nameParams,
      querystring: noQuery,
      response: { 200: serviceReply, ...problemAnswers },
    },
    handler: async ({ authorized, params }, reply) => {
      const service = await administration.service(authorized.tenantId, params.name);
      return service === undefined ? refuse(reply, { kind: 'not-found' }) : reply.send(serviceBodyOf(service));
    },
  });

  app.patch('/services/:name', {
    config: { scope: 'services:write' },
    schema: {
      operationId: 'changeService',
      summary: 'Change a service',
      tags: ['services'],
      params: nameParams,
      querystring: noQuery,
      body: serviceChanges,
      response: { 200: serviceReply, ...problemAnswers },
    },
    handler: async ({ authorized, params, body }, reply) =>
      answered(reply, await administration.changeService(authorized, params.name, toServiceChanges(body))),
  });

  app.put('/services/:name/test-numbers/:recipient', {
    config: { scope: 'services:write' },
    schema: {
      operationId: 'setTestNumber',
      summary: 'Set a test number',
      description: 'A recipient that belongs to nobody gets a code that is always the same; nothing is delivered.',
      tags: ['services'],
      params: testNumberParams,
      querystring: noQuery,
      body: testNumberBody,
      response: { 200: serviceReply, ...problemAnswers },
    },
    handler: async ({ authorized, params, body }, reply) => {
      const { name, recipient } = params;
      const wanted = { recipient, code: body.code, validUntilMs: momentMs('validUntil', body.validUntil) };
      return answered(reply, await administration.setTestNumber(authorized, name, wanted));
    },
  });

  app.delete('/services/:name/test-numbers/:recipient', {
    config: { scope: 'services:write' },
    schema: {
      operationId: 'removeTestNumber',
      summary: 'Remove a test number',
      tags: ['services'],
      params: testNumberParams,
      querystring: noQuery,
      response: { 200: serviceReply, ...problemAnswers },
    },
    handler: async ({ authorized, params }, reply) =>
      answered(reply, await administration.removeTestNumber(authorized, params.name, params.recipient)),
  });
}
