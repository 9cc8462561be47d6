import { type LineKind, lineOf } from '../../domain/line.ts';
import { isProblem, parseRecipient } from '../../domain/recipient.ts';
import type { Send, SendStatus } from '../../domain/send.ts';
import { derivedUuid } from '../../domain/uuid.ts';
import type { VerificationRequest } from '../../engine/create-request.ts';
import type { VerificationDetails } from '../../engine/engine.ts';
import type { CallbackFace, EventKind, VerificationEvent } from '../../engine/events.ts';
import { addressKey } from '../../http/client-address.ts';
import { iso } from '../../http/times.ts';
import type { Said } from './errors.ts';
import { type AuthenticationBody, knownLocale, signalNames } from './wire.ts';

/* Ding's words to ours, and what we know in Ding's. Answers have exactly these fields, and never null. */

/** The first message and three retries. */
const sendsMax = 4;

/** What is told of a delivery when its send changes. */
const deliveries: Readonly<Partial<Record<EventKind, string>>> = {
  'send.submitted': 'submitted',
  'send.delivered': 'delivered',
  'send.undelivered': 'undeliverable',
  'send.failed': 'undeliverable',
};

/** The changes that are told. */
export const callbackEvents = ['verification.created', 'send.created', ...Object.keys(deliveries)] as EventKind[];

/** Of a request that says no more. */
const plainTerms = { sendsMax, followed: true, callbackEvents } as const;
const free = { perPartMicros: 0 };

export function toRequest(body: AuthenticationBody): VerificationRequest {
  const { ip, template_id, app_realm, callback_url: callbackUrl } = body;
  const given = signalNames.filter((name) => body[name] !== undefined).map((name) => [name, body[name]] as const);
  return {
    recipient: body.phone_number,
    address: ip === undefined ? undefined : addressKey(ip),
    service: template_id,
    reference: body.correlation_id,
    sender: body.sender_id,
    locale: knownLocale(body.locale),
    metadata: template_id === undefined ? undefined : { template_id },
    signals: given.length === 0 ? undefined : Object.fromEntries(given),
    wishes: {
      possibleNumbers: true,
      onlyMessageLines: true,
      whilePending: 'resume',
      newCode: true,
      recordsRefusals: true,
      priced: free,
      terms: (callbackUrl ?? app_realm) ? { ...plainTerms, callbackUrl, lastLine: app_realm } : plainTerms,
    },
  };
}

/* The answer of `GET /authentication/{auth_uuid}`. An event has all the fields of its kind and no other. */

export function statusBody(details: VerificationDetails): object {
  const { id, recipient, createdAtMs, reference, metadata } = details.verification;
  const { template_id } = JSON.parse(metadata ?? '{}') as { readonly template_id?: string };
  return {
    uuid: id,
    phone_number: recipient,
    created_at: iso(createdAtMs),
    ...(template_id === undefined ? {} : { template_id }),
    ...(reference === undefined ? {} : { correlation_id: reference }),
    signals: JSON.parse(details.followed?.signals ?? '{}'),
    events: eventsOf(details),
  };
}

interface Event {
  readonly atMs: number;
  readonly body: object;
}

/** Oldest first. */
function eventsOf(details: VerificationDetails): object[] {
  const events = [...attempts(details), ...details.sends.flatMap(delivery), ...checks(details)];
  return events
    .sort((one, other) => one.atMs - other.atMs)
    .map(({ atMs, body }) => ({ ...body, created_at: iso(atMs) }));
}

/** What a send is called in its attempt, and in what is told of its delivery: of some there is nothing to tell. */
const sendStatuses = {
  queued: ['pending', undefined],
  submitted: ['pending', 'submitted'],
  delivered: ['delivered', 'delivered'],
  undelivered: ['failed', 'undeliverable'],
  failed: ['failed', 'undeliverable'],
  dropped: ['expired', undefined],
} as const satisfies Record<SendStatus, readonly [attempt: string, delivery: string | undefined]>;

const capabilities = { sms: 'text', voice: 'text', email: 'text', telegram: 'text', whatsapp: 'whatsapp' } as const;

function attempts({ sends, followed }: VerificationDetails): Event[] {
  return sends.map(({ verificationId, number, channel, status, createdAtMs }, at) => ({
    atMs: createdAtMs,
    body: {
      type: 'attempt',
      id: attemptUuid(verificationId, number),
      content: followed?.messages[at]?.text ?? '',
      sender_id: followed?.messages[at]?.sender ?? '',
      capability: capabilities[channel],
      attempt_number: number,
      status: sendStatuses[status][0],
    },
  }));
}

/** The latest word of the carrier on a message: an earlier one is not kept. */
function delivery({ verificationId, number, status: stands, endedAtMs }: Send): Event[] {
  const [, status] = sendStatuses[stands];
  if (status === undefined || endedAtMs === undefined) return [];
  const attempt = { attempt_id: attemptUuid(verificationId, number), attempt_number: number };
  return [{ atMs: endedAtMs, body: { type: 'delivery_status', status, ...attempt, originated_at: iso(endedAtMs) } }];
}

const checkStatus: Readonly<Record<string, string>> = { 'wrong-code': 'invalid', verified: 'valid' };

/** What was looked at: a bullet stands for each character that was typed. */
function checks({ verification, timeline }: VerificationDetails): Event[] {
  const looked = timeline.filter(({ moment }) => checkStatus[moment] !== undefined);
  return looked.map(({ moment, atMs, typedLength = 0 }, at) => ({
    atMs,
    body: {
      type: 'check',
      id: derivedUuid('ding', 'check', verification.id, at),
      code: '•'.repeat(typedLength),
      status: checkStatus[moment],
    },
  }));
}

/* What is posted to the `callback_url` of a request. Source: Ding API reference, "Callbacks". */

/** The id of an attempt, in callbacks and in the status alike. */
export function attemptUuid(verificationId: string, number: number): string {
  return derivedUuid('ding', 'attempt', verificationId, number);
}

/** @param currency - of the prices, ISO 4217 */
export function dingCallbacks(currency: string): CallbackFace {
  const price = (micros: number) => ({ price: { amount: micros / 1_000_000, currency } });
  return {
    name: 'ding',
    word(event) {
      const { kind, send, verification } = event;
      if (kind === 'verification.created') return worded(event, { type: 'authentication', ...price(0) });
      if (send === undefined) return undefined;
      const attempt = { attempt_uuid: attemptUuid(verification.id, send.number), attempt_number: send.number };
      if (kind === 'send.created') {
        return worded(event, { type: 'attempt', ...price(verification.terms?.priceMicros ?? 0), ...attempt });
      }
      const status = deliveries[kind];
      return status && worded(event, { type: 'delivery_status', ...attempt, status });
    },
  };
}

function worded({ id, atMs, verification }: VerificationEvent, said: Readonly<Record<string, unknown>>): string {
  const { type, ...rest } = said;
  const { id: auth_uuid, recipient: recipient_phone_number, reference } = verification;
  const correlation = reference === undefined ? {} : { correlation_id: reference };
  return JSON.stringify({ id, type, auth_uuid, recipient_phone_number, time: iso(atMs), ...correlation, ...rest });
}

/** Of the later ones, older clients refuse the whole answer. */
const lineTypes = {
  mobile: 'Mobile',
  'fixed-line': 'FixedLine',
  'fixed-line-or-mobile': 'Unknown',
  'toll-free': 'TollFree',
  'premium-rate': 'PremiumRate',
  'shared-cost': 'SharedCost',
  voip: 'Voip',
  personal: 'Service',
  pager: 'Pager',
  uan: 'UniversalAccess',
  voicemail: 'VoiceMail',
  satellite: 'Service',
  global: 'Service',
  unknown: 'Unknown',
} as const satisfies Record<LineKind, string>;

/** What the number itself tells: its country and its kind of line. */
export function lookupSaid(number: string): Said {
  const found = parseRecipient(number, { fictitious: true });
  if (isProblem(found) || found.kind !== 'phone') return { fault: { code: 'invalid_phone_number' } };
  const { value, country } = found;
  const known = country === undefined ? {} : { country_code: country };
  return { body: { phone_number: value, ...known, line_type: lineTypes[lineOf(value)] } };
}
