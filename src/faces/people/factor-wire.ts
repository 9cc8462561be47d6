import { Type } from 'typebox';
import { channels } from '../../domain/channel.ts';
import { factorKinds, totpAlgorithms } from '../../domain/factor.ts';
import { closed, line, nullable, oneOf, range, repeatHeadersOf, time } from '../../http/schemas.ts';

/* The shapes of factors, recovery codes and challenges on the wire. */

const timeOrNull = (description: string) => nullable<string>({ type: 'string', description });
const service = Type.String({
  pattern: '^[a-z0-9][a-z0-9-]{0,63}$',
  description: 'Service to use; `default` if absent',
});
const locale = Type.String({
  pattern: '^[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,2}$',
  description: 'BCP 47, such as en or fr-CA',
});
const signals = Type.Object(
  {
    ip: Type.Optional(
      Type.String({ minLength: 2, maxLength: 45, description: "End user's IP address; messages are limited by it" }),
    ),
  },
  { ...closed, description: 'What you know of the end user' },
);
/** How a code is sent. */
const message = {
  channel: Type.Optional(oneOf(channels, 'How the message travels; `sms` or `email` if absent')),
  service: Type.Optional(service),
  locale: Type.Optional(locale),
  signals: Type.Optional(signals),
};

const anyId = (description: string) => Type.String({ description, examples: ['0192f000-0000-7000-8000-00000000000a'] });
const ofUser = { id: anyId('Id of the user') };
export const userParams = Type.Object(ofUser);
export const factorParams = Type.Object({ ...ofUser, factorId: anyId('Id of the factor') });
export const challengeParams = Type.Object({ ...ofUser, challengeId: anyId('Id of the challenge') });

export const repeatHeaders = repeatHeadersOf('is answered as the first was');
export const secretHeaders = repeatHeadersOf('changes nothing: a secret is shown once, and the answer is 409');

export const enrolBody = Type.Object(
  {
    kind: oneOf(factorKinds, '`totp` for an authenticator app'),
    name: Type.Optional(line(100, 'What you or the user call it')),
    recipient: Type.Optional(
      Type.String({
        minLength: 3,
        maxLength: 254,
        description: "Of `sms` and `email`: where codes go; the user's own number or address if absent",
      }),
    ),
    country: Type.Optional(
      Type.String({ pattern: '^[A-Z]{2}$', description: 'ISO 3166 alpha-2, to read a national number' }),
    ),
    ...message,
    algorithm: Type.Optional(oneOf(totpAlgorithms, 'Of `totp`; SHA1, which every app knows, if absent')),
    digits: Type.Optional(range({ least: 6, most: 8 }, 'Of `totp`; 6 if absent')),
    drift: Type.Optional(
      range({ least: 0, most: 2 }, 'Of `totp`: steps of 30 s either side of now that are taken; 1 if absent'),
    ),
  },
  closed,
);

export const codeBody = Type.Object(
  {
    code: Type.String({ minLength: 1, maxLength: 64, description: 'As it was typed; spaces and hyphens are dropped' }),
  },
  closed,
);
export const sendBody = Type.Object(message, closed);
export const challengeBody = Type.Object(
  {
    factorId: Type.Optional(Type.String({ maxLength: 36, description: 'An active factor of the user' })),
    ...message,
    channel: Type.Optional(oneOf(channels, 'Send a code by it, even where an app would do')),
  },
  closed,
);

const factorFields = {
  id: Type.String({ description: 'UUID' }),
  kind: oneOf(factorKinds, 'What it is'),
  status: oneOf(
    ['pending', 'active', 'disabled'],
    '`pending` until a first code was right; `disabled` after a hundred wrong ones in a row',
  ),
  name: nullable<string>({ type: 'string' }),
  recipient: nullable<string>({ type: 'string', description: 'Of `sms` and `email`, in canonical form' }),
  algorithm: nullable<string>({ type: 'string', description: 'Of `totp`' }),
  digits: nullable<number>({ type: 'integer', description: 'Of `totp`' }),
  drift: nullable<number>({ type: 'integer', description: 'Of `totp`' }),
  createdAt: time('When it was enrolled'),
  activatedAt: timeOrNull('When its first code was right'),
  lastUsedAt: timeOrNull('When a code of it was right last'),
};
export const factorReply = Type.Object(factorFields);
export const factorsReply = Type.Object({ factors: Type.Array(factorReply) });

const sentFields = {
  verificationId: Type.String({ description: 'Of `sms` and `email`: the verification whose code was sent' }),
  expiresAt: time('Of `sms` and `email`: when that code dies'),
};
export const sentReply = Type.Object({ ...factorFields, ...sentFields });
export const enrolReply = Type.Object({
  ...factorFields,
  ...Type.Partial(Type.Object(sentFields)).properties,
  secret: Type.Optional(Type.String({ description: 'Of `totp`, in base 32, for who types it in. Shown this once' })),
  otpauthUri: Type.Optional(Type.String({ description: 'Of `totp`: what the QR code says. Shown this once' })),
  qrSvg: Type.Optional(Type.String({ description: 'Of `totp`: the QR code as an SVG document. Shown this once' })),
  qrPng: Type.Optional(Type.String({ description: 'Of `totp`: the QR code as a PNG data URI. Shown this once' })),
});

export const activateReply = Type.Object({
  result: oneOf(['activated', 'wrong_code'], 'What the code came to'),
  factor: factorReply,
});

const left = Type.Integer({ description: 'How many recovery codes are good still' });
export const newRecoveryCodesReply = Type.Object({
  codes: Type.Array(Type.String(), { description: 'Each is good once. They are shown this once' }),
  left,
  createdAt: time('When they were made'),
});
export const recoveryCodesReply = Type.Object({
  left,
  createdAt: timeOrNull('When they were made; null where there are none'),
  form: nullable<string>({
    type: 'string',
    description: '`hashed`: they were shown once. `shown`: a face that they were made through shows them again',
  }),
});

const proof = Type.Unsafe<{ kind: string; factorId: string | null } | null>({
  type: ['object', 'null'],
  description: 'What was shown; null until it was',
  required: ['kind', 'factorId'],
  properties: {
    kind: { type: 'string', enum: ['sms', 'email', 'totp', 'recovery_code'] },
    factorId: { type: ['string', 'null'], description: 'null for a recovery code' },
  },
});
const attemptsLeft = Type.Integer({ description: 'Wrong codes that it still takes' });
export const challengeReply = Type.Object({
  id: Type.String({ description: 'UUID' }),
  userId: Type.String(),
  status: oneOf(['pending', 'verified', 'failed', 'expired'], 'Where it stands'),
  factorId: nullable<string>({ type: 'string', description: 'The factor that a code was sent by' }),
  verificationId: nullable<string>({ type: 'string', description: 'The verification of that code' }),
  attemptsLeft,
  proof,
  createdAt: time('When it was asked for'),
  expiresAt: time('When it is over'),
  endedAt: timeOrNull('When it was decided or ran out'),
});
export const challengeCheckReply = Type.Object({
  result: oneOf(['verified', 'wrong_code', 'expired', 'exhausted', 'already_verified'], 'What the code came to'),
  proof,
  attemptsLeft,
  recoveryCodesLeft: left,
  challenge: challengeReply,
});
