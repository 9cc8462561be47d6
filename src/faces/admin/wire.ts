import { Type } from 'typebox';
import { channels } from '../../domain/channel.ts';
import { alphabets } from '../../domain/code.ts';
import { hardRanges } from '../../domain/policy.ts';
import { scopes } from '../../domain/scope.ts';
import { closed, line, nullable, oneOf, range, repeatHeadersOf, time } from '../../http/schemas.ts';

/* The shapes of the administration API on the wire: camelCase JSON, ISO 8601 times, absent values as null in answers. */

const timeOrNull = (description: string) => nullable<string>({ type: 'string', description });
/** What comes in as a time: ISO 8601 with an offset. */
const moment = (description: string) => Type.String({ maxLength: 40, description });

const tenantName = line(100, 'What operators call the tenant');
const dailySendsMax = Type.Integer({
  minimum: 0,
  maximum: 1_000_000_000,
  description: 'Messages that may go out on one day, UTC; 0 sends nothing',
});

const prepaid = Type.Boolean({ description: 'It pays beforehand: messages go out while the balance covers them' });

export const tenantBody = Type.Object(
  { name: tenantName, dailySendsMax: Type.Optional(dailySendsMax), prepaid: Type.Optional(prepaid) },
  closed,
);
export const tenantChanges = Type.Partial(Type.Object({ name: tenantName, dailySendsMax, prepaid }, closed), closed);
export const balanceBody = Type.Object(
  { amount: Type.Number({ description: 'In the currency of prices, at most six decimals; negative takes it back' }) },
  closed,
);
export const tenantReply = Type.Object({
  id: Type.String({ description: 'UUID' }),
  name: Type.String(),
  dailySendsMax: Type.Integer(),
  sendsToday: Type.Integer({ description: 'Messages counted since midnight, UTC' }),
  prepaid: Type.Boolean(),
  balance: Type.Number({ description: 'What is left of what was paid' }),
  currency: Type.String({ description: 'ISO 4217' }),
  createdAt: time('When it was made'),
});
export const tenantsReply = Type.Object({ tenants: Type.Array(tenantReply) });

const serviceName = Type.String({
  pattern: '^[a-z0-9][a-z0-9-]{0,63}$',
  description: 'Lower-case letters, digits and hyphens',
  examples: ['checkout'],
});
const sender = Type.String({
  pattern: '^([A-Za-z0-9 ]{1,11}|[0-9]{1,15})$',
  description: 'Up to 11 letters and digits, or up to 15 digits',
});
const approvedSender = Type.String({
  pattern: '^([A-Za-z0-9 ]{1,11}|[+]?[0-9]{1,15})$',
  description: 'Up to 11 letters and digits, or a number',
});
const country = Type.String({ pattern: '^([A-Z]{2}|\\*)$', description: 'ISO 3166 alpha-2, or * for all' });
const policyFields = {
  length: range(hardRanges.length, 'Characters of a code'),
  alphabet: oneOf(Object.keys(alphabets) as (keyof typeof alphabets)[], 'What codes are made of'),
  ttlSeconds: range(hardRanges.ttlSeconds, 'Life of a code'),
  maxAttempts: range(hardRanges.attemptsMax, 'Wrong codes before a verification fails'),
};
const serviceFields = {
  brand: line(50, 'What messages call your product'),
  sender,
  channels: Type.Array(oneOf(channels, 'Channel'), { uniqueItems: true, description: 'Channels that may be used' }),
  countries: Type.Array(country, { maxItems: 100, description: 'Countries that numbers may be of; * alone for all' }),
  codePolicy: Type.Partial(Type.Object(policyFields, closed), closed),
  weakCodes: Type.Boolean({ description: 'Allows code spaces under a million and lives over ten minutes' }),
  senders: Type.Array(approvedSender, {
    maxItems: 100,
    uniqueItems: true,
    description: 'Senders that a request may name; empty for any',
  }),
  whilePending: oneOf(['resume', 'separate'], 'What another create means, for faces whose vendor leaves it open'),
  retryChannels: Type.Array(oneOf(channels, 'Channel'), {
    maxItems: 5,
    description: 'Channels of the second message and of those after it, through such faces; the last one repeats',
  }),
  callbackUrl: nullable<string>({ type: 'string', description: 'Where faces tell of changes; null for nowhere' }),
};

export const serviceBody = Type.Object(
  {
    name: serviceName,
    brand: Type.Optional(serviceFields.brand),
    sender: Type.Optional(serviceFields.sender),
    channels: Type.Optional(serviceFields.channels),
    countries: Type.Optional(serviceFields.countries),
    codePolicy: Type.Optional(serviceFields.codePolicy),
    weakCodes: Type.Optional(serviceFields.weakCodes),
    senders: Type.Optional(serviceFields.senders),
    whilePending: Type.Optional(serviceFields.whilePending),
    retryChannels: Type.Optional(serviceFields.retryChannels),
    callbackUrl: Type.Optional(serviceFields.callbackUrl),
  },
  closed,
);
export const serviceChanges = Type.Partial(Type.Object(serviceFields, closed), closed);
export const serviceReply = Type.Object({
  name: Type.String(),
  brand: Type.String(),
  sender: Type.String(),
  channels: Type.Array(Type.String()),
  countries: Type.Array(Type.String()),
  codePolicy: Type.Object(policyFields),
  weakCodes: Type.Boolean(),
  senders: Type.Array(Type.String()),
  whilePending: Type.String(),
  retryChannels: Type.Array(Type.String()),
  callbackUrl: nullable<string>({ type: 'string' }),
  testNumbers: Type.Array(
    Type.Object({ recipient: Type.String(), validUntil: timeOrNull('When it ends; null in development mode') }),
  ),
});
export const servicesReply = Type.Object({ services: Type.Array(serviceReply) });

export const testNumberBody = Type.Object(
  {
    code: Type.String({ minLength: 4, maxLength: 10, description: 'Its code: 4 to 10 letters or digits' }),
    validUntil: Type.Optional(moment('When it stops being a test number; required outside development mode')),
  },
  closed,
);

const keyName = line(100, 'What you call the key');
const scopeList = Type.Array(oneOf(scopes, 'Scope'), { minItems: 1, uniqueItems: true, description: 'What it may do' });
const sources = Type.Array(Type.String({ maxLength: 50, description: 'IP address or range, such as 192.0.2.0/24' }), {
  maxItems: 50,
  uniqueItems: true,
  description: 'Where it is accepted from; empty for anywhere',
});

export const apiKeyBody = Type.Object(
  {
    name: keyName,
    scopes: Type.Optional(scopeList),
    sources: Type.Optional(sources),
    expiresAt: Type.Optional(moment('When it stops working; never if absent')),
  },
  closed,
);
export const apiKeyChanges = Type.Object(
  {
    name: Type.Optional(keyName),
    scopes: Type.Optional(scopeList),
    sources: Type.Optional(sources),
    expiresAt: Type.Optional(nullable<string>({ type: 'string', description: 'null takes the end away' })),
  },
  closed,
);
export const rotateBody = Type.Object(
  {
    overlapSeconds: Type.Optional(
      range({ least: 0, most: 2_592_000 }, 'How long the old key goes on working; a day if absent'),
    ),
  },
  closed,
);

const apiKeyFields = {
  id: Type.String(),
  name: Type.String(),
  scopes: Type.Array(Type.String()),
  sources: Type.Array(Type.String()),
  createdAt: time('When it was made'),
  expiresAt: timeOrNull('When it stops working'),
  revokedAt: timeOrNull('When it was revoked'),
  lastUsedAt: timeOrNull('When it was used last, to the minute'),
};
export const apiKeyReply = Type.Object(apiKeyFields);
export const newApiKeyReply = Type.Object({
  ...apiKeyFields,
  key: Type.String({ description: 'The key itself. It is shown this once' }),
  secret: Type.String({
    description: 'With `id`, the same key in two halves, for faces of vendors that ask for those',
  }),
  applicationId: Type.String({ description: 'Stands for `id` where a vendor calls it an application' }),
});
export const apiKeysReply = Type.Object({ apiKeys: Type.Array(apiKeyReply) });

export const auditQuery = Type.Object(
  {
    after: Type.Optional(Type.String({ pattern: '^[0-9]{1,15}$', description: '`next` of the page before' })),
    limit: Type.Optional(
      Type.String({ pattern: '^([1-9][0-9]?|100)$', description: 'Most on a page, 1 to 100; 50 if absent' }),
    ),
  },
  closed,
);
export const auditReply = Type.Object({
  entries: Type.Array(
    Type.Object({
      number: Type.Integer({ description: '1 for the first; none is left out' }),
      at: time('When'),
      actor: Type.String({ description: 'Who' }),
      action: Type.String({ description: 'What was done' }),
      target: Type.String({ description: 'To what' }),
      before: Type.Unknown({ description: 'What the change touched, as it was' }),
      after: Type.Unknown({ description: 'As it was from then on' }),
      address: nullable<string>({ type: 'string', description: 'From where; null on the server itself' }),
      requestId: nullable<string>({ type: 'string' }),
      previousHash: Type.String(),
      hash: Type.String({ description: 'SHA-256 over the entry and the hash before it' }),
    }),
  ),
  next: nullable<number>({ type: 'integer', description: 'For the next page; null on the last' }),
});
export const auditVerificationReply = Type.Object({
  ok: Type.Boolean(),
  trails: Type.Array(
    Type.Object({
      tenantId: Type.String(),
      entries: Type.Integer(),
      head: Type.Object({ number: Type.Integer(), hash: Type.String() }),
      problem: Type.Union([Type.Null(), Type.Object({ number: Type.Integer(), what: Type.String() })]),
    }),
  ),
});

export const sendingBody = Type.Object({ stopped: Type.Boolean({ description: 'true holds all sending' }) }, closed);
export const sendingReply = Type.Object({ stopped: Type.Boolean() });

export const tenantParams = Type.Object({ tenant: Type.String() });
/** Any text: what cannot be a name is answered as one that is not known. */
const named = Type.String({ examples: ['default'] });
export const nameParams = Type.Object({ name: named });
export const testNumberParams = Type.Object({ name: named, recipient: Type.String({ examples: ['%2B12025550123'] }) });
export const repeatHeaders = repeatHeadersOf('changes nothing');
