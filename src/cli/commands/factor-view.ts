import { amount, fields, table } from '../layout.ts';
import { printable } from '../paint.ts';
import { qrBlocks } from '../qr-blocks.ts';
import type { Reply, Session } from '../session.ts';

export interface FactorBody {
  readonly id: string;
  readonly kind: string;
  readonly status: string;
  readonly name: string | null;
  readonly recipient: string | null;
  readonly createdAt: string;
  readonly activatedAt: string | null;
  readonly lastUsedAt: string | null;
  /** Of a code that was sent. */
  readonly expiresAt?: string;
  /** Of a new authenticator app alone. */
  readonly secret?: string;
  readonly otpauthUri?: string;
}

export interface ActivatedBody {
  readonly result: 'activated' | 'wrong_code';
  readonly factor: FactorBody;
}

export interface RecoveryCodesBody {
  readonly left: number;
  /** Of new ones alone. */
  readonly codes?: readonly string[];
  readonly createdAt: string | null;
}

export function shownFactors({ paint }: Session, body: { readonly factors: readonly FactorBody[] }): Reply {
  const text = table(
    body.factors,
    [
      ['id', ({ id }) => id],
      ['kind', ({ kind }) => kind],
      ['status', ({ status }) => status],
      ['name', ({ name }) => name],
      ['recipient', ({ recipient }) => recipient],
      ['last used', ({ lastUsedAt }) => lastUsedAt],
    ],
    paint,
    'the user has no factor; enrol one with: countersign factor enrol USER',
  );
  return { json: body, text };
}

/** A new factor. The picture is for who looks at a terminal; a file or a program gets the URI. */
export function shownEnrolled({ paint, parts }: Session, factor: FactorBody): Reply {
  const { secret, otpauthUri, expiresAt } = factor;
  const pairs = [
    ['id', factor.id],
    ['kind', factor.kind],
    ['status', factor.status],
    ...(factor.recipient === null ? [] : [['recipient', factor.recipient] as const]),
    ...(expiresAt === undefined ? [] : [['code until', expiresAt] as const]),
    ...(secret === undefined ? [] : [['secret', secret] as const]),
    ...(otpauthUri === undefined ? [] : [['uri', otpauthUri] as const]),
  ] as const;
  const picture = otpauthUri !== undefined && parts.terminal.outIsTerminal ? [qrBlocks(otpauthUri)] : [];
  const next =
    otpauthUri === undefined
      ? 'A code is on its way: activate the factor with it.'
      : 'The secret is shown this once: give it to the app, and activate the factor with the code that it shows.';
  return { json: factor, text: [fields(pairs, paint), ...picture, next].join('\n\n') };
}

export function shownRecoveryCodes(body: RecoveryCodesBody): Reply {
  const { codes, left } = body;
  if (codes === undefined) return { json: body, text: `${amount(left, 'recovery code')} left` };
  const note = 'They are shown this once, and each is good once: keep them where the telephone is not.';
  return { json: body, text: [codes.map(printable).join('\n'), note].join('\n\n') };
}
