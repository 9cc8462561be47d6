import { Type } from 'typebox';
import { channels } from '../../domain/channel.ts';
import { alphabets } from '../../domain/code.ts';
import { hardRanges } from '../../domain/policy.ts';
import { templateLengthMax } from '../../domain/template.ts';
import { closed, line, nullable, oneOf, range, repeatHeadersOf, time } from '../../http/schemas.ts';

/* The shapes of the native API on the wire: camelCase JSON, ISO 8601 times, absent values as null in answers. */

const recipient = Type.String({
  minLength: 3,
  maxLength: 254,
  description: 'Phone number in E.164 (+33612345678), national number together with `country`, or e-mail address',
});
const country = Type.String({ pattern: '^[A-Z]{2}$', description: 'ISO 3166 alpha-2, to read a national number' });
const service = Type.String({
  pattern: '^[a-z0-9][a-z0-9-]{0,63}$',
  description: 'Service to use; `default` if absent',
});
const reference = line(255, 'Your own name for this request, such as a login session');
const code = Type.String({
  minLength: 1,
  maxLength: 64,
  description: '4 to 10 letters or digits; spaces and hyphens are dropped',
});
const channel = oneOf(channels, 'How the message travels; follows the form of the recipient if absent');

const signals = Type.Object(
  {
    ip: Type.Optional(
      Type.String({ minLength: 2, maxLength: 45, description: "End user's IP address; creates are limited by it" }),
    ),
    userAgent: Type.Optional(line(512, "End user's user agent")),
    deviceId: Type.Optional(line(128, 'Stable id of the device')),
    deviceModel: Type.Optional(line(128, 'Model of the device')),
    devicePlatform: Type.Optional(oneOf(['android', 'ios', 'web'], 'Where your application runs')),
    osVersion: Type.Optional(line(64, 'Version of the operating system')),
    appVersion: Type.Optional(line(64, 'Version of your application')),
  },
  { ...closed, description: 'What you know of the end user' },
);

export const createBody = Type.Object(
  {
    recipient,
    country: Type.Optional(country),
    channel: Type.Optional(channel),
    service: Type.Optional(service),
    locale: Type.Optional(
      Type.String({ pattern: '^[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,2}$', description: 'BCP 47, such as en or fr-CA' }),
    ),
    codeLength: Type.Optional(range(hardRanges.length, 'Characters of the code')),
    codeAlphabet: Type.Optional(oneOf(Object.keys(alphabets) as (keyof typeof alphabets)[], 'What codes are made of')),
    ttlSeconds: Type.Optional(range(hardRanges.ttlSeconds, 'Life of the code')),
    maxAttempts: Type.Optional(range(hardRanges.attemptsMax, 'Wrong codes before it fails')),
    reference: Type.Optional(reference),
    metadata: Type.Optional(
      Type.Record(Type.String(), Type.Unknown(), { description: 'Given back to you; up to 1 KiB of JSON' }),
    ),
    sender: Type.Optional(
      Type.String({
        pattern: '^([A-Za-z0-9 ]{1,11}|[0-9]{1,15})$',
        description: 'Up to 11 letters and digits, or up to 15 digits',
      }),
    ),
    template: Type.Optional(
      Type.String({
        minLength: 8,
        maxLength: templateLengthMax,
        description: 'Message text with {{code}}, and {{brand}} and {{minutes}} where you like',
      }),
    ),
    signals: Type.Optional(signals),
    code: Type.Optional(
      Type.String({
        minLength: 4,
        maxLength: 10,
        pattern: '^[0-9A-Za-z]*$',
        description: 'Your own code instead of a generated one',
      }),
    ),
  },
  closed,
);

export const checkBody = Type.Object({ code }, closed);

export const recipientCheckBody = Type.Object(
  {
    recipient,
    country: Type.Optional(country),
    service: Type.Optional(service),
    reference: Type.Optional(reference),
    code,
  },
  closed,
);

export const resendBody = Type.Object(
  {
    channel: Type.Optional(oneOf(channels, 'Another channel, from those of the service')),
    newCode: Type.Optional(Type.Boolean({ description: 'Send a new code; the old one is dead from then on' })),
  },
  closed,
);

const statuses = ['pending', 'verified', 'failed', 'expired', 'cancelled', 'refused'] as const;
const status = oneOf(statuses, 'Where it stands');

export const listQuery = Type.Object(
  {
    recipient: Type.Optional(recipient),
    country: Type.Optional(country),
    status: Type.Optional(status),
    cursor: Type.Optional(Type.String({ maxLength: 36, description: '`nextCursor` of the page before' })),
    limit: Type.Optional(
      Type.String({ pattern: '^([1-9][0-9]?|100)$', description: 'Most on a page, 1 to 100; 20 if absent' }),
    ),
  },
  closed,
);

export const repeatHeaders = repeatHeadersOf('is answered as the first was');

const verificationFields = {
  id: Type.String({ description: 'UUID' }),
  status,
  recipient: Type.String({ description: 'In canonical form' }),
  country: nullable<string>({ type: 'string', description: 'Of a phone number, ISO 3166 alpha-2' }),
  channel: oneOf(channels, 'How the latest message travelled'),
  service: Type.String(),
  reference: nullable<string>({ type: 'string' }),
  locale: nullable<string>({ type: 'string' }),
  metadata: nullable<Record<string, unknown>>({ type: 'object', ...{ additionalProperties: true } }),
  createdAt: time('When it was asked for'),
  expiresAt: time('When the code dies'),
  endedAt: nullable<string>({ type: 'string', description: 'When it was decided or ran out' }),
  refusal: nullable<'limited' | 'fraud'>({
    type: 'string',
    description:
      'Why nothing was sent, of a refused one: `limited` (too many for this recipient or end user) or `fraud`',
  }),
  test: Type.Boolean({ description: 'The recipient is a test number: nothing was delivered' }),
  attemptsLeft: Type.Integer({ description: 'Wrong codes it still forgives' }),
  sendsLeft: Type.Integer({ description: 'Messages that can still be asked for' }),
  nextSendAt: nullable<string>({ type: 'string', description: 'When another message may be asked for' }),
};

export const verificationReply = Type.Object(verificationFields);

export const createReply = Type.Object({
  ...verificationFields,
  resumed: Type.Boolean({ description: 'It is the one that was pending already' }),
  sent: Type.Boolean({ description: 'A message goes out because of this request' }),
});

export const results = [
  'verified',
  'wrong_code',
  'expired',
  'exhausted',
  'already_verified',
  'cancelled',
  'refused',
  'unsent',
] as const;

export const checkReply = Type.Object({
  result: oneOf(results, 'What became of the code'),
  attemptsLeft: Type.Integer(),
  verification: verificationReply,
});

const timelineEntry = Type.Object({ event: Type.String(), at: time('When') });
const sendEntry = Type.Object({
  number: Type.Integer({ description: '1 for the first message' }),
  channel: oneOf(channels, 'How it travels'),
  status: oneOf(['queued', 'submitted', 'delivered', 'undelivered', 'failed', 'dropped'], 'Where it stands'),
  provider: nullable<string>({ type: 'string', description: 'Who carries it' }),
  tries: Type.Integer({ description: 'Calls to providers' }),
  reason: nullable<string>({ type: 'string', description: 'Why it failed, was dropped or is tried again' }),
  possibleDuplicate: Type.Boolean({ description: 'It may have reached the recipient twice' }),
  createdAt: time('When it was asked for'),
  endedAt: nullable<string>({ type: 'string' }),
});

export const balanceReply = Type.Object({
  prepaid: Type.Boolean({ description: 'Messages go out only while the balance covers them' }),
  balance: nullable<number>({ type: 'number', description: 'What is left; null where nothing is paid beforehand' }),
  currency: Type.String({ description: 'ISO 4217', examples: ['EUR'] }),
});

export const detailsReply = Type.Object({
  ...verificationFields,
  timeline: Type.Array(timelineEntry),
  sends: Type.Array(sendEntry),
});

export const listReply = Type.Object({
  verifications: Type.Array(verificationReply),
  nextCursor: nullable<string>({ type: 'string', description: 'For the next page; a page may be short and have one' }),
});
