import { Type } from 'typebox';
import { closed, line, nullable, oneOf, repeatHeadersOf, time } from '../../http/schemas.ts';

/* The shapes of users, and of their sessions, on the wire: camelCase JSON, ISO 8601 times, absent values as null in answers. */

export const timeOrNull = (description: string) => nullable<string>({ type: 'string', description });
export const textOrNull = (description: string) => nullable<string>({ type: 'string', description });
export const repeatHeaders = repeatHeadersOf('changes nothing');

const reference = line(255, 'Your own name for the user, such as its id in your database; unique');
const phoneNumber = Type.String({ minLength: 1, maxLength: 40, description: 'With + and its calling code' });
const email = Type.String({ minLength: 1, maxLength: 254, description: 'E-mail address' });
const password = Type.String({
  minLength: 1,
  maxLength: 1024,
  description: 'To log in with, together with the e-mail address: 8 to 256 characters',
});
const taken = (what: string) => `${what}; null takes it away`;

export const userBody = Type.Object(
  {
    reference: Type.Optional(reference),
    phoneNumber: Type.Optional(phoneNumber),
    email: Type.Optional(email),
    password: Type.Optional(password),
  },
  closed,
);

/** null, or what the schema says. */
const orNull = (schema: { readonly type: string; readonly description?: string }) =>
  nullable<string>({ ...schema, description: taken(schema.description ?? '') });

export const userChanges = Type.Object(
  {
    reference: Type.Optional(orNull(reference)),
    phoneNumber: Type.Optional(orNull(phoneNumber)),
    email: Type.Optional(orNull(email)),
    password: Type.Optional(orNull(password)),
  },
  closed,
);

export const usersQuery = Type.Object(
  {
    reference: Type.Optional(reference),
    phoneNumber: Type.Optional(phoneNumber),
    email: Type.Optional(email),
    cursor: Type.Optional(Type.String({ maxLength: 36, description: '`nextCursor` of the page before' })),
    limit: Type.Optional(
      Type.String({ pattern: '^([1-9][0-9]?|100)$', description: 'Most on a page, 1 to 100; 20 if absent' }),
    ),
  },
  closed,
);

export const userReply = Type.Object({
  id: Type.String({ description: 'UUID' }),
  reference: textOrNull('Your own name for the user'),
  phoneNumber: textOrNull('In canonical form'),
  email: textOrNull('In canonical form'),
  hasPassword: Type.Boolean({ description: 'It can log in with e-mail address and password' }),
  recoveryCodesLeft: Type.Integer({ description: 'Recovery codes that were not used yet' }),
  lastLoginAt: timeOrNull('When the password was right last'),
  createdAt: time('When it was made'),
  updatedAt: time('When anything of it changed last'),
});
export const usersReply = Type.Object({
  users: Type.Array(userReply),
  nextCursor: textOrNull('For the next page; null on the last'),
});

export const tokenBody = Type.Object(
  {
    description: line(200, 'What it is for'),
    expiresAt: Type.Optional(Type.String({ maxLength: 40, description: 'When it stops working; never if absent' })),
  },
  closed,
);

const tokenText = Type.String({ minLength: 1, maxLength: 200, description: 'The token of a session' });
export const sessionBody = Type.Object(
  { challengeId: Type.String({ description: 'A challenge that was met in the last ten minutes' }) },
  closed,
);
export const tokenGiven = Type.Object({ token: tokenText }, closed);
export const sessionsQuery = Type.Object({ userId: Type.String({ description: 'Whose' }) }, closed);

const states = ['half_open', 'complete'] as const;
const proofs = ['sms', 'email', 'totp', 'recovery_code'] as const;
const sessionFields = {
  id: Type.String({ description: 'UUID' }),
  userId: Type.String(),
  type: oneOf(['login', 'user_token'], 'A login that ends by itself, or a token that the user has for good'),
  state: oneOf(states, '`half_open`: the second factor is still to be shown'),
  face: Type.String({ description: 'The API it was opened through' }),
  proof: nullable<(typeof proofs)[number]>({ type: 'string', description: 'How its user proved who it is' }),
  description: textOrNull('What a user token is for'),
  createdAt: time('When it was opened'),
  expiresAt: timeOrNull('When it ends at the latest; a login that is not used ends before'),
  lastUsedAt: time('When it was used last, to the minute'),
};
export const sessionReply = Type.Object(sessionFields);
export const newSessionReply = Type.Object({
  ...sessionFields,
  token: Type.String({ description: 'The token itself. It is shown this once' }),
});
export const sessionsReply = Type.Object({ sessions: Type.Array(sessionReply) });
export const introspectionReply = Type.Object({
  active: Type.Boolean({ description: 'It is open and complete: let the user in' }),
  session: Type.Union([sessionReply, Type.Null()], {
    description: 'null for a token that is unknown, over or revoked; a half-open one is shown, and not active',
  }),
});
