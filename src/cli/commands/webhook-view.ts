import { fields, table } from '../layout.ts';
import type { Reply, Session } from '../session.ts';

export interface EndpointBody {
  readonly id: string;
  readonly url: string;
  readonly events: readonly string[];
  readonly description: string;
  readonly fullRecipient: boolean;
  readonly enabled: boolean;
  readonly disabledReason: string | null;
  readonly failingSince: string | null;
  readonly previousSecretUntil: string | null;
  readonly createdAt: string;
  /** Of a new one alone. */
  readonly secret?: string;
}

export interface DeliveryBody {
  readonly eventId: string;
  readonly event: string;
  readonly status: string;
  readonly attempts: number;
  readonly httpStatus: number | null;
  readonly reason: string | null;
  readonly createdAt: string;
  readonly nextAttemptAt: string | null;
}

export interface TestBody {
  readonly delivered: boolean;
  readonly httpStatus: number | null;
  readonly reason: string | null;
}

export function shownEndpoint({ paint }: Session, endpoint: EndpointBody): Reply {
  const { id, url, events, description, fullRecipient, enabled, disabledReason, secret } = endpoint;
  const pairs = [
    ...(secret === undefined ? [] : [['secret', secret] as const]),
    ['id', id],
    ['url', url],
    ['events', events.length === 0 ? 'all' : events],
    ['description', description],
    ['full recipient', fullRecipient],
    ['enabled', enabled ? true : `no: ${disabledReason}`],
    ['failing since', endpoint.failingSince],
    ['old secret until', endpoint.previousSecretUntil],
    ['created', endpoint.createdAt],
  ] as const;
  const note = secret === undefined ? [] : ['The secret is shown this once: put it where your receiver reads it.'];
  return { json: endpoint, text: [fields(pairs, paint), ...note].join('\n\n') };
}

export function shownTest(body: TestBody): Reply {
  const { delivered, httpStatus, reason } = body;
  const answer = httpStatus === null ? `no answer: ${reason}` : `it answered ${httpStatus}`;
  return { json: body, text: delivered ? `delivered: ${answer}` : `not delivered: ${answer}` };
}

export function shownDeliveries(
  { paint }: Session,
  body: { readonly deliveries: readonly DeliveryBody[]; readonly nextCursor: string | null },
): Reply {
  const text = table(
    body.deliveries,
    [
      ['created', ({ createdAt }) => createdAt],
      ['event', ({ event }) => event],
      ['id', ({ eventId }) => eventId],
      ['status', ({ status }) => status],
      ['attempts', ({ attempts }) => attempts],
      ['answer', ({ httpStatus, reason }) => httpStatus ?? reason],
      ['next', ({ nextAttemptAt }) => nextAttemptAt],
    ],
    paint,
    'nothing was told in the last seven days',
  );
  const more = body.nextCursor === null ? '' : `\n\nmore: --cursor ${body.nextCursor}`;
  return { json: body, text: `${text}${more}` };
}
