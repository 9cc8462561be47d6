import { PassThrough } from 'node:stream';
import type { FastifyReply } from 'fastify';
import { Type } from 'typebox';
import type { Administration } from '../../engine/administration.ts';
import type { Actor } from '../../engine/audit.ts';
import type { Change } from '../../engine/audited.ts';
import type { Log } from '../../engine/log.ts';
import { closed, emptyBody, noQuery, oneOf } from '../../http/schemas.ts';
import { sendProblem } from '../../http/send-problem.ts';
import type { HttpServer } from '../../http/server.ts';
import { iso } from '../../http/times.ts';
import type { Operations, Progress, Refused, Report } from './operations.ts';

const ring = oneOf(['pepper', 'data', 'signing'], 'Key ring');
const ringParams = Type.Object({ ring });
const keyParams = Type.Object({ ring, id: Type.String({ maxLength: 64 }) });
const backupBody = Type.Object({ file: Type.String({ minLength: 2, maxLength: 4096, pattern: '^/' }) }, closed);
const erasureBody = Type.Object(
  { recipient: Type.String({ minLength: 3, maxLength: 254 }), tenant: Type.Optional(Type.String({ maxLength: 36 })) },
  closed,
);

export interface OperationOptions {
  readonly administration: Administration;
  readonly operations: Operations;
  readonly local: boolean;
  readonly log: Log;
}

/** The server as a whole: its state, its keys, its data. What was done is in the audit trail of the server. */
export function operationRoutes(app: HttpServer, options: OperationOptions): void {
  const { administration, operations, local } = options;
  const streamed = (reply: FastifyReply, work: Work, done: Done) => answerByLines(reply, work, done, options.log);
  const record = (by: Actor, change: Change) => administration.record(by, change);

  app.get('/status', {
    schema: { querystring: noQuery },
    handler: async (_, reply) => {
      const { startedAtMs, clock, ...status } = await operations.status();
      const { nowMs, ...clockRest } = clock;
      const times = { startedAt: iso(startedAtMs), clock: { now: iso(nowMs), ...clockRest } };
      return reply.send({ ...status, ...times });
    },
  });

  app.post('/purge', {
    config: { emptyBody: true },
    schema: { querystring: noQuery, body: emptyBody },
    handler: ({ by }, reply) =>
      streamed(reply, operations.purge, async (result) => {
        await record(by, { action: 'purge', target: 'server', after: result });
      }),
  });

  app.post('/erasures', {
    schema: { querystring: noQuery, body: erasureBody },
    handler: ({ by, body: { recipient, tenant } }, reply) =>
      streamed(
        reply,
        (progress) => operations.erase({ recipient, tenantId: tenant }, progress),
        // Whom it concerned must not be kept anywhere, least of all here.
        async (result) => void (await record(by, { action: 'erase-recipient', target: 'server', after: result })),
      ),
  });

  // What touches files of the server is for who works on it.
  if (!local) return;

  app.get('/keys', {
    schema: { querystring: noQuery },
    handler: async (_, reply) => reply.send({ keys: await operations.keyUsage() }),
  });
  app.post('/keys/:ring/rotate', {
    config: { emptyBody: true },
    schema: { params: ringParams, querystring: noQuery, body: emptyBody },
    handler: async ({ by, params }, reply) => {
      const answer = await operations.rotateKey(params.ring);
      if (answer.kind === 'refused') return refused(reply, answer);
      await record(by, { action: 'rotate-key', target: `${params.ring} ring`, after: { active: answer.id } });
      return reply.send({ ring: params.ring, id: answer.id });
    },
  });
  app.delete('/keys/:ring/:id', {
    schema: { params: keyParams, querystring: noQuery },
    handler: async ({ by, params }, reply) => {
      const answer = await operations.retireKey(params.ring, params.id);
      if (answer.kind === 'refused') return refused(reply, answer);
      await record(by, { action: 'retire-key', target: `${params.ring} ring`, before: { id: params.id } });
      return reply.send(params);
    },
  });
  app.post('/keys/rewrap', {
    config: { emptyBody: true },
    schema: { querystring: noQuery, body: emptyBody },
    handler: ({ by }, reply) =>
      streamed(reply, operations.rewrap, async (result) => {
        await record(by, { action: 'rewrap', target: 'server', after: result });
      }),
  });
  app.post('/backup', {
    schema: { querystring: noQuery, body: backupBody },
    handler: ({ by, body: { file } }, reply) =>
      streamed(
        reply,
        (progress) => operations.backup(file, progress),
        async (result) => void (await record(by, { action: 'backup', target: 'server', after: result })),
      ),
  });
}

function refused(reply: FastifyReply, { code, detail }: Refused): FastifyReply {
  return sendProblem(reply, { status: 409, code, title: 'Not possible as things stand', detail });
}

/** At most one line of progress in so many milliseconds. */
const progressEveryMs = 100;

type Work = (progress: Progress) => Promise<Report>;
/** Told of what was done. */
type Done = (result: Readonly<Record<string, unknown>>) => Promise<void>;

/** Answers long work line by line: how far it is, and at last what came of it. */
function answerByLines(reply: FastifyReply, work: Work, done: Done, log: Log): FastifyReply {
  const lines = new PassThrough();
  const write = (value: unknown) => void lines.write(`${JSON.stringify(value)}\n`);
  let toldAtMs = 0;
  const progress: Progress = (count, total) => {
    const nowMs = performance.now();
    if (nowMs - toldAtMs < progressEveryMs && count < total) return;
    toldAtMs = nowMs;
    write({ progress: { done: count, total } });
  };
  const run = async () => {
    const report = await work(progress);
    if (report.kind === 'refused') return write({ problem: { code: report.code, detail: report.detail } });
    await done(report.result);
    write({ result: report.result });
  };
  run()
    .catch((error: unknown) => {
      log.error({ err: error }, 'an operation failed');
      write({ problem: { code: 'internal_error', detail: "It failed; the server's log says why." } });
    })
    .finally(() => lines.end());
  return reply.type('application/x-ndjson').send(lines);
}
