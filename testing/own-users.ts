import type { Factor } from '../src/domain/factor.ts';
import { recoveryBytes } from '../src/domain/recovery-codes.ts';
import { defaultSessionPolicy } from '../src/domain/session.ts';
import { hotp, timeStep } from '../src/domain/totp.ts';
import type { User } from '../src/domain/user.ts';
import type { DisableOwn } from '../src/engine/commands/disable-own.ts';
import type { EnableOwn, EnrolOwnApp } from '../src/engine/commands/enable-own.ts';
import type { SendOwnCode } from '../src/engine/commands/send-own-code.ts';
import type { VerifyOwn } from '../src/engine/commands/verify-own.ts';
import { aCreate, codeSent, freshId, freshNumber, tenantId } from './builders.ts';
import { by } from './store-contract/administrative.ts';
import { run, type StoreUnderTest } from './store-contract/given.ts';

/* Users of a store, and what they ask about themselves. */

export interface OwnUser {
  readonly userId: string;
  readonly phoneNumber: string;
  /** Of a token that it has for good. */
  readonly sessionId: string;
}

const terms = { algorithm: 'SHA1', digits: 6, drift: 1 } as const;
let drawn = 0;
/** That many bytes in hexadecimal, others each time. */
function fresh(bytes: number): string {
  drawn += 1;
  return Buffer.from(Array.from({ length: bytes }, (_, at) => (drawn * 31 + at * 7 + (at >> 3)) & 255)).toString('hex');
}

export async function anOwnUser(given: StoreUnderTest): Promise<OwnUser> {
  const [userId, sessionId, phoneNumber] = [freshId(), freshId(), freshNumber()];
  const user = { tenantId, id: userId, phoneNumber, email: `${userId}@example.org`, password: 'kept' };
  await run(given, { kind: 'create-user', tenantId, by, user });
  const session = { id: sessionId, hash: 'cc'.repeat(32), face: 'native', description: 'test' };
  await run(given, { kind: 'create-user-token', tenantId, by, userId, session });
  return { userId, phoneNumber, sessionId };
}

/** A session of who knows the password. @returns its id */
export async function aLogin(given: StoreUnderTest, { userId }: OwnUser): Promise<string> {
  const id = freshId();
  const session = { id, hash: 'dd'.repeat(32), face: 'native' };
  const login = { userId, isRight: true, passwordVersion: 1, session, policy: defaultSessionPolicy };
  await run(given, { kind: 'open-session', tenantId, ...login });
  return id;
}

export function anAppEnrolment({ userId }: OwnUser): EnrolOwnApp & { readonly code: (nowMs: number) => string } {
  const secret = fresh(20);
  return {
    kind: 'enrol-own-app',
    tenantId,
    userId,
    by,
    factor: { id: freshId() },
    totp: { ...terms, secret, nonce: fresh(12) },
    code: (nowMs) => hotp(Buffer.from(secret, 'hex'), timeStep(nowMs), terms),
  };
}

export function anEnabling({ userId }: OwnUser, given: Pick<EnableOwn, 'factorKind' | 'code'>): EnableOwn {
  const codes = { codes: fresh(recoveryBytes('shown')), nonce: fresh(12) };
  return { kind: 'enable-own', tenantId, userId, by, drawn: codes, ...given };
}

export function aDisabling({ userId }: OwnUser, given: Pick<DisableOwn, 'factorKind' | 'code'>): DisableOwn {
  return { kind: 'disable-own', tenantId, userId, by, ...given };
}

export function aProof({ userId, sessionId }: OwnUser, code: string, given: Partial<VerifyOwn> = {}): VerifyOwn {
  const opened = { id: freshId(), hash: 'ee'.repeat(32), face: 'native' };
  return { kind: 'verify-own', tenantId, userId, by, sessionId, code, opened, policy: defaultSessionPolicy, ...given };
}

export function aCodeToOwnNumber({ userId, phoneNumber }: OwnUser): SendOwnCode & { readonly code: string } {
  const create = aCreate({ whilePending: 'separate', requested: { recipient: phoneNumber, ttlSeconds: 600 } });
  return { kind: 'send-own-code', tenantId, userId, by, create, factorId: freshId(), code: codeSent(create) };
}

/** Sends a code to the user's number. @returns the code */
export async function codeTo(given: StoreUnderTest, user: OwnUser): Promise<string> {
  const { code, ...command } = aCodeToOwnNumber(user);
  await run(given, command);
  return code;
}

/** A user whose second factor is an app. @returns what computes its codes */
export async function withApp(given: StoreUnderTest, user: OwnUser): Promise<(nowMs: number) => string> {
  const { code, ...enrolment } = anAppEnrolment(user);
  await run(given, enrolment);
  // With the step before, so that the one of now is still to be used.
  const first = code(given.clock.wallMs() - 30_000);
  await run(given, anEnabling(user, { factorKind: 'totp', code: first }));
  return code;
}

export async function storedUser({ store }: StoreUnderTest, { userId }: OwnUser): Promise<User> {
  const user = await store.queries.user(tenantId, userId);
  if (user === undefined) throw new Error('the user is not there');
  return user;
}

export function factorsOf({ store }: StoreUnderTest, { userId }: OwnUser): Promise<readonly Factor[]> {
  return store.queries.factors(tenantId, userId);
}
