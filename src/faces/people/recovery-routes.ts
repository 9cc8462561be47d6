import { problemAnswers } from '../../http/problem.ts';
import { emptyBody, noQuery } from '../../http/schemas.ts';
import type { HttpServer } from '../../http/server.ts';
import { iso } from '../../http/times.ts';
import { asking, type SecondFactorOptions } from './asking.ts';
import { refuseFactor } from './factor-errors.ts';
import { recoveryCodesBodyOf } from './factor-mapping.ts';
import { newRecoveryCodesReply, recoveryCodesReply, secretHeaders, userParams } from './factor-wire.ts';
import { knownId } from './mapping.ts';

/** Single-use codes that stand in for a factor. They are shown once, when they are made. */
export function recoveryRoutes(app: HttpServer, { people: { recoveryCodes } }: SecondFactorOptions): void {
  app.get('/users/:id/recovery-codes', {
    config: { scope: 'users:read' },
    schema: {
      operationId: 'countRecoveryCodes',
      summary: 'Count the recovery codes of a user',
      tags: ['recovery-codes'],
      params: userParams,
      querystring: noQuery,
      response: { 200: recoveryCodesReply, ...problemAnswers },
    },
    handler: async ({ authorized, params }, reply) => {
      const answer = await recoveryCodes.count(authorized.tenantId, knownId(params.id));
      return answer.kind === 'recovery-codes' ? reply.send(recoveryCodesBodyOf(answer)) : refuseFactor(reply, answer);
    },
  });

  app.post('/users/:id/recovery-codes', {
    config: { scope: 'recovery-codes:write', emptyBody: true },
    schema: {
      operationId: 'generateRecoveryCodes',
      summary: 'Make ten recovery codes',
      description: 'Those before work no longer. The user needs an active factor.',
      tags: ['recovery-codes'],
      params: userParams,
      querystring: noQuery,
      headers: secretHeaders,
      body: emptyBody,
      response: { 201: newRecoveryCodesReply, ...problemAnswers },
    },
    handler: async (request, reply) => {
      const answer = await recoveryCodes.generate(asking(request), knownId(request.params.id));
      if (answer.kind !== 'generated') return refuseFactor(reply, answer);
      const { codes, left, createdAtMs } = answer;
      return reply.code(201).send({ codes: [...codes], left, createdAt: iso(createdAtMs) });
    },
  });
}
