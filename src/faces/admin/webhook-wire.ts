import { Type } from 'typebox';
import { eventKinds } from '../../engine/events.ts';
import { closed, line, nullable, oneOf, time } from '../../http/schemas.ts';

/* The shapes of webhook endpoints on the wire. */

const events = Type.Array(oneOf(eventKinds, 'Kind of event'), {
  uniqueItems: true,
  description: 'Which events it is told; all when empty',
});
const endpointFields = {
  url: line(2048, 'Where events are posted: https, on port 443 unless an operator allows others'),
  events,
  description: Type.String({ maxLength: 200, pattern: '^[^\\x00-\\x1f\\x7f]*$', description: 'What you call it' }),
  fullRecipient: Type.Boolean({ description: 'Recipients stand in events in clear, and not masked' }),
};

export const endpointBody = Type.Object(
  {
    url: endpointFields.url,
    events: Type.Optional(events),
    description: Type.Optional(endpointFields.description),
    fullRecipient: Type.Optional(endpointFields.fullRecipient),
  },
  closed,
);
export const endpointChanges = Type.Partial(
  Type.Object(
    { ...endpointFields, enabled: Type.Boolean({ description: 'false tells it nothing; true begins anew' }) },
    closed,
  ),
  closed,
);

const timeOrNull = (description: string) => nullable<string>({ type: 'string', description });
const endpointReplyFields = {
  id: Type.String({ description: 'UUID' }),
  url: Type.String(),
  events: Type.Array(Type.String()),
  description: Type.String(),
  fullRecipient: Type.Boolean(),
  enabled: Type.Boolean({ description: 'Whether it is told anything' }),
  disabledReason: nullable<string>({
    type: 'string',
    description: '`paused`, `failing` (for five days) or `gone` (410)',
  }),
  failingSince: timeOrNull('Since when no attempt succeeded; null while they do'),
  previousSecretUntil: timeOrNull('How long events are signed with the secret before as well'),
  createdAt: time('When it was made'),
};
export const endpointReply = Type.Object(endpointReplyFields);
export const endpointsReply = Type.Object({ endpoints: Type.Array(endpointReply) });
export const newSecretReply = Type.Object({
  ...endpointReplyFields,
  secret: Type.String({ description: 'What its events are signed with. It is shown this once' }),
});

export const testReply = Type.Object({
  delivered: Type.Boolean({ description: 'Whether it was answered 2xx' }),
  httpStatus: nullable<number>({ type: 'integer', description: 'What it answered' }),
  reason: nullable<string>({ type: 'string', description: 'Why there was no answer' }),
});

export const deliveriesQuery = Type.Object(
  {
    cursor: Type.Optional(Type.String({ maxLength: 100, description: '`nextCursor` of the page before' })),
    limit: Type.Optional(
      Type.String({ pattern: '^([1-9][0-9]?|100)$', description: 'Most on a page, 1 to 100; 50 if absent' }),
    ),
  },
  closed,
);
export const deliveriesReply = Type.Object({
  deliveries: Type.Array(
    Type.Object({
      eventId: Type.String({ description: 'The `webhook-id` of each attempt' }),
      event: Type.String(),
      verificationId: Type.String(),
      status: Type.String({
        description: '`waiting` (for an earlier one), `queued`, `delivered`, `failed` or `dropped`',
      }),
      attempts: Type.Integer({ description: 'Those that are over' }),
      httpStatus: nullable<number>({ type: 'integer', description: 'What the latest was answered' }),
      reason: nullable<string>({ type: 'string', description: 'Why the latest failed' }),
      createdAt: time('When it happened'),
      nextAttemptAt: timeOrNull('When it is told next'),
      endedAt: timeOrNull('When it was over'),
    }),
  ),
  nextCursor: nullable<string>({ type: 'string', description: 'For the next page; null on the last' }),
});

export const replayBody = Type.Object(
  {
    eventId: Type.Optional(Type.String({ description: 'One event' })),
    since: Type.Optional(Type.String({ maxLength: 40, description: 'Or all from this time on' })),
  },
  closed,
);
export const replayReply = Type.Object({
  events: Type.Integer({ description: 'How many are told once more' }),
  next: timeOrNull('Where to go on, when there were too many for one request'),
});
