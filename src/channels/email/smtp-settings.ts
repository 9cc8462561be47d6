import { type Static, Type } from 'typebox';
import type { FieldProblem } from '../../domain/policy.ts';
import { isProblem, parseRecipient } from '../../domain/recipient.ts';
import { caFileProblems } from '../ca-file.ts';
import { isLoopbackHost } from '../loopback.ts';

export const smtpSettings = Type.Object(
  {
    host: Type.String({
      minLength: 1,
      maxLength: 253,
      pattern: '^[A-Za-z0-9.:-]+$',
      description: 'Name or address of the SMTP server',
    }),
    port: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 65_535, description: '465, 587 or 25 when absent, as tls says' }),
    ),
    tls: Type.Optional(
      Type.Union([Type.Literal('implicit'), Type.Literal('starttls'), Type.Literal('none')], {
        description: 'implicit: TLS from the first byte; starttls: after STARTTLS, or not at all; none: in clear',
      }),
    ),
    verifyCertificate: Type.Optional(Type.Boolean({ description: 'true when absent; false only in development mode' })),
    caFile: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 4096,
        description: 'PEM file of the authorities to trust in place of the public ones',
      }),
    ),
    user: Type.Optional(Type.String({ minLength: 1, maxLength: 320 })),
    password: Type.Optional(Type.String({ minLength: 1, maxLength: 1024, secret: true })),
    from: Type.String({ maxLength: 254, description: 'The one address that mails come from' }),
    replyTo: Type.Optional(Type.String({ maxLength: 254, description: 'Where answers go, if not to from' })),
    codeInSubject: Type.Optional(Type.Boolean({ description: 'Shows the code in the subject; false when absent' })),
    maxConnections: Type.Optional(Type.Integer({ minimum: 1, maximum: 50, description: '5 when absent' })),
    maxMessages: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 10_000, description: 'Mails a connection carries at most; 100 when absent' }),
    ),
  },
  { additionalProperties: false },
);

export type SmtpSettings = Static<typeof smtpSettings>;

/** By `tls`. */
export const defaultPorts = { implicit: 465, starttls: 587, none: 25 } as const;

/** What the schema cannot say is wrong. */
export function smtpProblems(
  settings: SmtpSettings,
  { development }: { readonly development: boolean },
): readonly FieldProblem[] {
  const { host, tls, user, password, verifyCertificate } = settings;
  const problems: FieldProblem[] = [];
  const problem = (field: string, remedy: string) => void problems.push({ field, remedy });
  const inClear = tls === 'none' && !isLoopbackHost(host);

  if (inClear && !development)
    problem('tls', 'may be none only towards this machine (localhost); use starttls or implicit');
  if (inClear && password !== undefined)
    problem('password', 'would cross the network in clear; set tls to starttls or implicit');
  if (user === undefined && password !== undefined) problem('user', 'is missing; user and password belong together');
  if (user !== undefined && password === undefined)
    problem('password', 'is missing; user and password belong together');
  if (verifyCertificate === false && !development)
    problem('verifyCertificate', 'may be false only in development mode; name a private authority in caFile instead');
  if (plainAddress(settings.from) === undefined) problem('from', plainAddressRemedy);
  if (settings.replyTo !== undefined && plainAddress(settings.replyTo) === undefined)
    problem('replyTo', plainAddressRemedy);
  return [...problems, ...caFileProblems(settings)];
}

const plainAddressRemedy = 'must be one plain e-mail address such as login@example.com, without a display name';

/** An address in its canonical form; undefined when it is anything but one plain address. */
export function plainAddress(text: string): string | undefined {
  if (!text.includes('@')) return undefined;
  const recipient = parseRecipient(text, { fictitious: false });
  return isProblem(recipient) ? undefined : recipient.value;
}
