import type { Challenge } from '../../domain/challenge.ts';
import type { Factor, FactorKind, TotpFactor } from '../../domain/factor.ts';
import type { RecoverySet } from '../../domain/recovery-codes.ts';
import type { SealedSecret } from '../../domain/sealed-secret.ts';
import type { Session } from '../../domain/session.ts';
import { loginOf, type User } from '../../domain/user.ts';
import { idFromBytes, idToBytes } from './ids.ts';
import { type Cell, id, number, optionalNumber, optionalText, type Row, text } from './rows.ts';

/* Between rows and values, as in rows.ts: users, and what is theirs. Sealed values have columns of their own. */

const optionalId = (cell: Cell | undefined) => (cell === null ? undefined : idFromBytes(cell as Buffer));
const idOrNull = (value: string | undefined) => (value === undefined ? null : idToBytes(value));

/** What is sealed beside what is not. */
const packed = (value: { readonly secret: SealedSecret } | undefined): [Cell, Cell, Cell] => {
  if (value === undefined) return [null, null, null];
  const { secret, ...rest } = value;
  return [secret.keyId, secret.sealed, JSON.stringify(rest)];
};
const unpacked = <T>(keyId: Cell | undefined, sealed: Cell | undefined, rest: Cell | undefined): T | undefined =>
  keyId === null ? undefined : { ...JSON.parse(text(rest)), secret: { keyId: text(keyId), sealed: text(sealed) } };

export const userColumns = [
  'tenant_id',
  'id',
  'reference',
  'login',
  'phone_number',
  'email',
  'password',
  'password_version',
  'profile',
  'failures',
  'wait_until',
  'login_failures',
  'login_wait_until',
  'recovery_key_id',
  'recovery_sealed',
  'recovery',
  'sessions_from',
  'last_login_at',
  'created_at',
  'updated_at',
] as const;

export const userCells = (tenant: Buffer, user: User): Cell[] => [
  tenant,
  idToBytes(user.id),
  user.reference ?? null,
  loginOf(user) ?? null,
  user.phoneNumber ?? null,
  user.email ?? null,
  user.password ?? null,
  user.passwordVersion,
  user.profile ?? null,
  user.failures.count,
  user.failures.waitUntilMs,
  user.loginFailures.count,
  user.loginFailures.waitUntilMs,
  ...packed(user.recovery),
  user.sessionsFromMs,
  user.lastLoginAtMs ?? null,
  user.createdAtMs,
  user.updatedAtMs,
];

export const toUser = (row: Row): User => ({
  tenantId: id(row[0]),
  id: id(row[1]),
  reference: optionalText(row[2]),
  phoneNumber: optionalText(row[4]),
  email: optionalText(row[5]),
  password: optionalText(row[6]),
  passwordVersion: number(row[7]),
  profile: optionalText(row[8]),
  failures: { count: number(row[9]), waitUntilMs: number(row[10]) },
  loginFailures: { count: number(row[11]), waitUntilMs: number(row[12]) },
  recovery: unpacked<RecoverySet>(row[13], row[14], row[15]),
  sessionsFromMs: number(row[16]),
  lastLoginAtMs: optionalNumber(row[17]),
  createdAtMs: number(row[18]),
  updatedAtMs: number(row[19]),
});

export const factorColumns = [
  'tenant_id',
  'user_id',
  'id',
  'kind',
  'status',
  'name',
  'recipient',
  'verification_id',
  'totp_key_id',
  'totp_sealed',
  'totp',
  'created_at',
  'activated_at',
  'last_used_at',
] as const;

export const factorCells = (tenant: Buffer, factor: Factor): Cell[] => [
  tenant,
  idToBytes(factor.userId),
  idToBytes(factor.id),
  factor.kind,
  factor.status,
  factor.name ?? null,
  factor.recipient ?? null,
  idOrNull(factor.verificationId),
  ...packed(factor.totp),
  factor.createdAtMs,
  factor.activatedAtMs ?? null,
  factor.lastUsedAtMs ?? null,
];

export const toFactor = (row: Row): Factor => ({
  tenantId: id(row[0]),
  userId: id(row[1]),
  id: id(row[2]),
  kind: row[3] as FactorKind,
  status: row[4] as Factor['status'],
  name: optionalText(row[5]),
  recipient: optionalText(row[6]),
  verificationId: optionalId(row[7]),
  totp: unpacked<TotpFactor>(row[8], row[9], row[10]),
  createdAtMs: number(row[11]),
  activatedAtMs: optionalNumber(row[12]),
  lastUsedAtMs: optionalNumber(row[13]),
});

export const challengeColumns = [
  'tenant_id',
  'id',
  'user_id',
  'factor_id',
  'verification_id',
  'status',
  'attempts_used',
  'attempts_max',
  'proof',
  'session_id',
  'created_at',
  'expires_at',
  'ended_at',
] as const;

export const challengeCells = (tenant: Buffer, challenge: Challenge): Cell[] => [
  tenant,
  idToBytes(challenge.id),
  idToBytes(challenge.userId),
  idOrNull(challenge.factorId),
  idOrNull(challenge.verificationId),
  challenge.status,
  challenge.attemptsUsed,
  challenge.attemptsMax,
  challenge.proof === undefined ? null : JSON.stringify(challenge.proof),
  idOrNull(challenge.sessionId),
  challenge.createdAtMs,
  challenge.expiresAtMs,
  challenge.endedAtMs ?? null,
];

export const toChallenge = (row: Row): Challenge => ({
  tenantId: id(row[0]),
  id: id(row[1]),
  userId: id(row[2]),
  factorId: optionalId(row[3]),
  verificationId: optionalId(row[4]),
  status: row[5] as Challenge['status'],
  attemptsUsed: number(row[6]),
  attemptsMax: number(row[7]),
  proof: row[8] === null ? undefined : JSON.parse(text(row[8])),
  sessionId: optionalId(row[9]),
  createdAtMs: number(row[10]),
  expiresAtMs: number(row[11]),
  endedAtMs: optionalNumber(row[12]),
});

export const sessionColumns = [
  'tenant_id',
  'id',
  'user_id',
  'hash',
  'state',
  'face',
  'proof',
  'description',
  'created_at',
  'expires_at',
  'idle_seconds',
  'last_used_at',
  'revoked_at',
] as const;

export const sessionCells = (tenant: Buffer, session: Session): Cell[] => [
  tenant,
  idToBytes(session.id),
  idToBytes(session.userId),
  session.hash,
  session.state,
  session.face,
  session.proof ?? null,
  session.description ?? null,
  session.createdAtMs,
  session.expiresAtMs ?? null,
  session.idleSeconds ?? null,
  session.lastUsedAtMs,
  session.revokedAtMs ?? null,
];

export const toSession = (row: Row): Session => ({
  tenantId: id(row[0]),
  id: id(row[1]),
  userId: id(row[2]),
  hash: text(row[3]),
  state: row[4] as Session['state'],
  face: text(row[5]),
  proof: optionalText(row[6]) as Session['proof'],
  description: optionalText(row[7]),
  createdAtMs: number(row[8]),
  expiresAtMs: optionalNumber(row[9]),
  idleSeconds: optionalNumber(row[10]),
  lastUsedAtMs: number(row[11]),
  revokedAtMs: optionalNumber(row[12]),
});
