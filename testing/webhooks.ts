import { aNumber } from './numbers.ts';
import type { Receiver } from './receiver.ts';
import { openServer, type TestServer, type TestServerOptions } from './server.ts';
import { until } from './until.ts';

/* What tests of webhooks share. */

export interface Endpoint {
  readonly id: string;
  readonly secret: string;
}
export interface DeliveryFields {
  readonly eventId: string;
  readonly event: string;
  readonly status: string;
  readonly attempts: number;
  readonly httpStatus: number | null;
  readonly reason: string | null;
}

/** A server that may call receivers on this machine. */
export const openTelling = (options: TestServerOptions = {}) => openServer({ callbacks: 'anywhere', ...options });

export async function anEndpoint({ alice }: TestServer, url: string, fields: object = {}): Promise<Endpoint> {
  const { status, body, text } = await alice.request<Endpoint>('POST', '/v1/webhook-endpoints', {
    body: { url, ...fields },
  });
  if (status !== 201) throw new Error(`no endpoint was made: ${text}`);
  return body;
}

export async function deliveriesOf({ alice }: TestServer, { id }: Endpoint): Promise<readonly DeliveryFields[]> {
  const path = `/v1/webhook-endpoints/${id}/deliveries`;
  return (await alice.request<{ deliveries: DeliveryFields[] }>('GET', path)).body.deliveries;
}

/** Waits until every delivery has this status. */
export const settled = (server: TestServer, endpoint: Endpoint, status: string, count: number) =>
  until(`${count} deliveries to be ${status}`, async () => {
    const found = (await deliveriesOf(server, endpoint)).filter((delivery) => delivery.status === status);
    return found.length === count ? found : undefined;
  });

export const typesOf = (calls: Receiver['received']) => calls.map(({ text }) => JSON.parse(text).type as string);
/** Those with which a verification ends by itself. */
export const ended = { events: ['verification.verified', 'verification.cancelled'] };

export async function cancelled({ alice }: TestServer): Promise<string> {
  const { id } = (await alice.create({ recipient: aNumber() })).body;
  await alice.cancel(id);
  return id;
}
