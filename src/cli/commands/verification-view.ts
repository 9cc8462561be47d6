import { fields, table } from '../layout.ts';
import type { Reply, Session } from '../session.ts';

export interface VerificationBody {
  readonly id: string;
  readonly status: string;
  readonly recipient: string;
  readonly channel: string;
  readonly service: string;
  readonly reference: string | null;
  readonly createdAt: string;
  readonly expiresAt: string;
  readonly endedAt: string | null;
  readonly attemptsLeft: number;
  readonly sendsLeft: number;
}

export interface DetailsBody extends VerificationBody {
  readonly timeline: readonly { readonly event: string; readonly at: string }[];
  readonly sends: readonly {
    readonly number: number;
    readonly channel: string;
    readonly status: string;
    readonly provider: string | null;
    readonly tries: number;
    readonly reason: string | null;
  }[];
}

export function listedVerifications(
  { paint }: Session,
  rows: readonly VerificationBody[],
  next: string | null,
): string {
  const text = table(
    rows,
    [
      ['id', ({ id }) => id],
      ['status', ({ status }) => status],
      ['recipient', ({ recipient }) => recipient],
      ['channel', ({ channel }) => channel],
      ['service', ({ service }) => service],
      ['created', ({ createdAt }) => createdAt],
    ],
    paint,
    'there is none here',
  );
  return next === null ? text : `${text}\n\nThere are more: --cursor ${next}`;
}

function pairsOf(body: VerificationBody): (readonly [string, unknown])[] {
  const { id, status, recipient, channel, service, reference, createdAt, expiresAt, endedAt } = body;
  return [
    ['id', id],
    ['status', status],
    ['recipient', recipient],
    ['channel', channel],
    ['service', service],
    ['reference', reference],
    ['created', createdAt],
    ['expires', expiresAt],
    ['ended', endedAt],
    ['attempts left', body.attemptsLeft],
    ['sends left', body.sendsLeft],
  ];
}

export function shownDetails({ paint }: Session, body: DetailsBody): Reply {
  const happened = table(
    body.timeline,
    [
      ['at', ({ at }) => at],
      ['what happened', ({ event }) => event],
    ],
    paint,
    'nothing happened',
  );
  const sends = table(
    body.sends,
    [
      ['send', ({ number }) => number],
      ['channel', ({ channel }) => channel],
      ['status', ({ status }) => status],
      ['provider', ({ provider }) => provider],
      ['tries', ({ tries }) => tries],
      ['reason', ({ reason }) => reason],
    ],
    paint,
    'no message',
  );
  return { json: body, text: [fields(pairsOf(body), paint), happened, sends].join('\n\n') };
}

export function shownVerification({ paint }: Session, body: VerificationBody): Reply {
  return { json: body, text: fields(pairsOf(body), paint) };
}
