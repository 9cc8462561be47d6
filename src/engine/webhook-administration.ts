import { type CallbackUrlRules, callbackUrlProblem } from '../domain/callback-url.ts';
import { sealSecret, type WebhookDelivery } from '../domain/webhook.ts';
import { shownSecret } from '../domain/webhook-signature.ts';
import type { Actor } from './audit.ts';
import {
  type EndpointChanges,
  type EndpointOutcome,
  type ShownEndpoint,
  shownEndpoint,
  type TooManyEndpoints,
} from './commands/change-endpoint.ts';
import type { NotFound } from './commands/check-verification.ts';
import type { Committer } from './committer.ts';
import type { Command } from './deciders.ts';
import { type IdempotencyMismatch, idempotencyOf, type Replayed } from './idempotency.ts';
import type { KeySource } from './key-source.ts';
import { type Random, uuidv7 } from './random.ts';
import type { DeliveryPlace, Store } from './store.ts';
import { Unavailable } from './unavailable.ts';
import { signed } from './webhook-message.ts';
import type { WebhookTransport } from './webhook-transport.ts';

export interface WebhookAdministrationOptions {
  readonly store: Store;
  readonly committer: Committer;
  readonly keys: KeySource;
  readonly random: Random;
  readonly transport: WebhookTransport;
  /** Which addresses an endpoint may have, as far as their text says. */
  readonly urls: CallbackUrlRules;
  readonly userAgent: string;
}

/** Who changes what of which tenant; the key names a request that may come twice. */
interface Asked {
  readonly tenantId: string;
  readonly by: Actor;
  readonly idempotencyKey?: string | undefined;
}

export interface EndpointRequest {
  readonly url: string;
  readonly events?: readonly string[] | undefined;
  readonly description?: string | undefined;
  readonly fullRecipient?: boolean | undefined;
}

export type Invalid = { readonly kind: 'invalid'; readonly field: string; readonly remedy: string };
/** What a test call came to. */
export interface Tested {
  readonly kind: 'tested';
  readonly delivered: boolean;
  readonly httpStatus?: number | undefined;
  readonly reason?: string | undefined;
}

/** Which events are told once more: one, or all from a time on. */
export type ReplayRequest = { readonly eventId: string } | { readonly sinceMs: number };
/** `next`: where to go on, when there were too many for one go. */
export interface ReplayReport {
  readonly kind: 'replaying';
  readonly events: number;
  readonly nextMs?: number | undefined;
}

/** Where tenants want to hear of changes: managed by the administration API and the command line alike. */
export type WebhookAdministration = ReturnType<typeof createWebhookAdministration>;

const secretBytes = 32;
const overlapMs = 86_400_000;
const testsMax = 4;
const testTimeoutMs = 20_000;
const pageMax = 100;
const replayPage = 200;
const replayPagesMax = 50;
const leastId = '00000000-0000-0000-0000-000000000000';

export function createWebhookAdministration(options: WebhookAdministrationOptions) {
  const { store, committer, keys, random } = options;
  const { queries } = store;
  let tests = 0;

  async function change<Outcome>(command: Command): Promise<Outcome> {
    return (await committer.commit(command, 'change')).outcome as Outcome;
  }

  const repeated = ({ tenantId, idempotencyKey }: Asked, operation: string, request: unknown) =>
    idempotencyKey === undefined
      ? undefined
      : idempotencyOf(keys.current(), { tenantId, face: 'administration' }, operation, idempotencyKey, request);

  const drawn = () => Buffer.from(random.hex(secretBytes), 'hex');
  const sealed = (secret: Buffer, tenantId: string, id: string) =>
    sealSecret(secret, { tenantId, id }, keys.current(), Buffer.from(random.hex(12), 'hex'));

  type SecretAnswer = EndpointOutcome | NotFound | TooManyEndpoints;

  function shownOnce(answer: SecretAnswer | IdempotencyMismatch | Replayed<SecretAnswer>, secret: Buffer) {
    if (answer.kind !== 'replayed') {
      return answer.kind === 'endpoint' ? { ...answer, secret: shownSecret(secret) } : answer;
    }
    const { outcome } = answer;
    return outcome.kind === 'endpoint' ? ({ kind: 'already-done', id: outcome.endpoint.id } as const) : outcome;
  }

  const endpointOf = async (tenantId: string, id: string) =>
    (await queries.webhookEndpoints(tenantId)).find((endpoint) => endpoint.id === id);

  async function replayAll(tenantId: string, deliveries: readonly WebhookDelivery[]): Promise<number> {
    const outcomes = await Promise.all(
      deliveries.map(({ verificationId, number, destination }) =>
        committer.commit({ kind: 'replay-delivery', tenantId, key: { verificationId, number, destination } }, 'change'),
      ),
    );
    return outcomes.filter(({ outcome }) => outcome.kind === 'replayed').length;
  }

  async function replaySince(tenantId: string, id: string, sinceMs: number): Promise<ReplayReport> {
    let events = 0;
    let after: DeliveryPlace = { createdAtMs: sinceMs, verificationId: leastId, number: 0 };
    for (let page = 0; page < replayPagesMax; page++) {
      const deliveries = await queries.webhookDeliveriesSince(tenantId, id, after, replayPage);
      events += await replayAll(tenantId, deliveries);
      const last = deliveries.at(-1);
      if (last === undefined || deliveries.length < replayPage) return { kind: 'replaying', events };
      after = last;
    }
    return { kind: 'replaying', events, nextMs: after.createdAtMs };
  }

  return {
    endpoints: async (tenantId: string): Promise<readonly ShownEndpoint[]> =>
      (await queries.webhookEndpoints(tenantId)).map(shownEndpoint),

    async endpoint(tenantId: string, id: string): Promise<ShownEndpoint | undefined> {
      const found = await endpointOf(tenantId, id);
      return found && shownEndpoint(found);
    },

    async createEndpoint(asked: Asked, request: EndpointRequest) {
      const { tenantId, by } = asked;
      const remedy = callbackUrlProblem(request.url, options.urls);
      if (remedy !== undefined) return { kind: 'invalid', field: 'url', remedy } as const;
      const { url, events = [], description = '', fullRecipient = false } = request;
      const id = uuidv7(store.clock().nowMs, random);
      const secret = drawn();
      const endpoint = { tenantId, id, url, events, description, fullRecipient, secret: sealed(secret, tenantId, id) };
      const idempotency = repeated(asked, 'create-webhook-endpoint', request);
      return shownOnce(await change({ kind: 'create-endpoint', tenantId, by, endpoint, idempotency }), secret);
    },

    async changeEndpoint({ tenantId, by }: Asked, id: string, changes: EndpointChanges) {
      const remedy = changes.url === undefined ? undefined : callbackUrlProblem(changes.url, options.urls);
      if (remedy !== undefined) return { kind: 'invalid', field: 'url', remedy } as const;
      return change<EndpointOutcome | NotFound>({ kind: 'change-endpoint', tenantId, by, id, changes });
    },

    deleteEndpoint: ({ tenantId, by }: Asked, id: string) =>
      change<{ readonly kind: 'deleted' } | NotFound>({ kind: 'delete-endpoint', tenantId, by, id }),

    /** The old secret signs as well for a day. */
    async rotateSecret(asked: Asked, id: string) {
      const { tenantId, by } = asked;
      const fresh = drawn();
      const secret = sealed(fresh, tenantId, id);
      const idempotency = repeated(asked, 'rotate-webhook-secret', { id });
      return shownOnce(
        await change({ kind: 'rotate-endpoint-secret', tenantId, by, id, secret, overlapMs, idempotency }),
        fresh,
      );
    },

    /**
     * Calls the receiver once, with an event that says nothing.
     * @throws Unavailable when too many are tested at once
     */
    async test(tenantId: string, id: string): Promise<Tested | NotFound> {
      const endpoint = await endpointOf(tenantId, id);
      if (endpoint === undefined) return { kind: 'not-found' };
      if (tests >= testsMax) throw new Unavailable('overloaded', 1);
      const { nowMs } = store.clock();
      const timestamp = new Date(nowMs).toISOString();
      const body = JSON.stringify({ type: 'webhook.test', timestamp, data: { endpoint: { id } } });
      const event = { id: uuidv7(nowMs, random), tenantId };
      const headers = {
        'content-type': 'application/json; charset=utf-8',
        'user-agent': options.userAgent,
        ...signed(event, { id, secrets: [endpoint.secret] }, body, options, nowMs),
      };
      tests++;
      try {
        const call = { url: endpoint.url, headers, body };
        const answer = await options.transport.post(call, AbortSignal.timeout(testTimeoutMs));
        if (answer.kind === 'unanswered') return { kind: 'tested', delivered: false, reason: answer.reason };
        const { status: httpStatus } = answer;
        return { kind: 'tested', delivered: httpStatus >= 200 && httpStatus < 300, httpStatus };
      } finally {
        tests--;
      }
    },

    /** Newest first. @param before - place of the last one of the page before */
    async deliveries(tenantId: string, id: string, before: DeliveryPlace | undefined, limit: number) {
      if ((await endpointOf(tenantId, id)) === undefined) return { kind: 'not-found' } as const;
      const most = Math.min(limit, pageMax);
      const found = await queries.webhookDeliveries(tenantId, id, before, most + 1);
      const deliveries = found.slice(0, most);
      return { kind: 'deliveries', deliveries, next: found.length > most ? deliveries.at(-1) : undefined } as const;
    },

    /** Tells events once more, also those that were delivered; what is on its way is left alone. */
    async replay(
      asked: Asked,
      id: string,
      request: ReplayRequest,
    ): Promise<ReplayReport | NotFound | IdempotencyMismatch> {
      const { tenantId, by } = asked;
      if ((await endpointOf(tenantId, id)) === undefined) return { kind: 'not-found' };
      const found = 'eventId' in request ? await queries.webhookDeliveriesOf(tenantId, id, request.eventId) : [];
      if ('eventId' in request && found.length === 0) return { kind: 'not-found' };
      const what = { action: 'replay-webhooks', target: `webhook-endpoint ${id}`, after: request };
      const idempotency = repeated(asked, 'replay-webhooks', { id, request });
      const recorded = await change<{ readonly kind: 'recorded' | 'replayed' } | IdempotencyMismatch>({
        kind: 'record-audit',
        tenantId,
        by,
        change: what,
        idempotency,
      });
      if (recorded.kind === 'idempotency-mismatch') return recorded;
      // A repeated request tells nothing a third time.
      if (recorded.kind === 'replayed') return { kind: 'replaying', events: 0 };
      if ('sinceMs' in request) return replaySince(tenantId, id, request.sinceMs);
      return { kind: 'replaying', events: await replayAll(tenantId, found) };
    },
  };
}
