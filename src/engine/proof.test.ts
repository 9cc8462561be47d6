import { expect, test } from 'vitest';
import { aVerification, freshId, keys, noLimits, readCode, tenantId } from '../../testing/builders.ts';
import { startMs } from '../../testing/clock.ts';
import { aFactor, aRecoverySet, aUser, recoveryCodes, totpSecret } from '../../testing/people.ts';
import type { Factor } from '../domain/factor.ts';
import { newRecipient, type RecipientState } from '../domain/recipient-state.ts';
import { recoveryCodesLeft } from '../domain/recovery-codes.ts';
import { hotp, timeStep } from '../domain/totp.ts';
import type { User } from '../domain/user.ts';
import type { Verification } from '../domain/verification.ts';
import type { Loaded } from './command.ts';
import { type Acceptable, type ProofOutcome, prove } from './proof.ts';

const recipient = '+33612345678';
const bare = aUser({ failures: { count: 3, waitUntilMs: 0 } });
const user: User = { ...bare, recovery: aRecoverySet(bare) };
const { id: userId } = user;
const totp = aFactor({ userId, kind: 'totp' });
const sms = aFactor({ userId, kind: 'sms', recipient });
const now = timeStep(startMs);
const totpAt = (step: number) => hotp(totpSecret, step, { algorithm: 'SHA1', digits: 6 });
const totpCode = totpAt(now);
const [recoveryCode = ''] = recoveryCodes();

function sentBy(factor: Factor, given: Partial<Verification> = {}): NonNullable<Acceptable['sent']> {
  return { factor, verification: aVerification({ id: freshId(), recipient, ...given }) };
}
const codeOf = ({ tenantId: tenant, id, code }: Verification) =>
  readCode({ tenantId: tenant, verificationId: id, ...code });

const sent = sentBy(sms);
const smsCode = codeOf(sent.verification);
const everything: Acceptable = { totp: [totp], sent, recoveryCodes: true };
/** No code of anything that is acceptable here. */
const wrong = ['000000', '111111', '222222', '333333', '444444', '555555'].find(
  (code) => ![smsCode, totpAt(now - 1), totpCode, totpAt(now + 1)].includes(code),
) as string;

interface Given {
  readonly user?: User;
  readonly acceptable?: Acceptable;
  readonly recipientState?: Partial<RecipientState>;
  readonly nowMs?: number;
}

function proving(typed: string, given: Given = {}): ProofOutcome {
  const state = { ...newRecipient(tenantId, recipient), ...given.recipientState };
  const loaded = { recipient: () => state } as unknown as Loaded;
  const context = { nowMs: given.nowMs ?? startMs, wallMs: given.nowMs ?? startMs, keys, limits: noLimits };
  return prove(given.user ?? user, typed, given.acceptable ?? everything, loaded, context);
}

function proved(typed: string, given: Given = {}) {
  const outcome = proving(typed, given);
  if (outcome.kind !== 'proved') throw new Error(`not proved: ${outcome.kind}`);
  return outcome;
}

function refused(typed: string, given: Given = {}) {
  const outcome = proving(typed, given);
  if (outcome.kind !== 'wrong-code') throw new Error(`not wrong: ${outcome.kind}`);
  return outcome;
}

const noMore = { count: 0, waitUntilMs: 0 };
const locked = { failures: { count: 12, waitUntilMs: startMs + 90_000 } };

test('a right TOTP proves it, is remembered, and leaves the code that was sent as it was', () => {
  const outcome = proved(totpCode);
  expect(outcome).toMatchObject({ proof: { kind: 'totp', factorId: totp.id }, writes: {} });
  expect(outcome.writes).toEqual({});
  expect(outcome.factor).toEqual({ ...totp, totp: { ...totp.totp, lastStep: now }, lastUsedAtMs: startMs });
  expect(outcome.user).toEqual({ ...user, failures: noMore, updatedAtMs: startMs });
});

test('of several secrets the one whose code it is proves it', () => {
  const spent = aFactor({ userId, kind: 'totp' });
  const used = { ...spent, totp: { ...spent.totp, lastStep: now } } as Factor;
  const outcome = proved(totpCode, { acceptable: { ...everything, totp: [used, totp] } });
  expect(outcome.proof).toEqual({ kind: 'totp', factorId: totp.id });
});

test('a right code that was sent proves it, and ends its verification', () => {
  const outcome = proved(smsCode);
  expect(outcome.proof).toEqual({ kind: 'sms', factorId: sms.id });
  expect(outcome.factor).toEqual({ ...sms, lastUsedAtMs: startMs });
  expect(outcome.writes.verifications).toMatchObject([{ id: sent.verification.id, status: 'verified' }]);
  expect(outcome.user.failures).toEqual(noMore);
});

test('a code sent by e-mail proves the factor that it was sent by', () => {
  const email = aFactor({ userId, kind: 'email', recipient: 'ada@example.org' });
  const mailed = sentBy(email, { recipient: 'ada@example.org', channel: 'email' });
  const acceptable = { totp: [], sent: mailed, recoveryCodes: false };
  expect(proved(codeOf(mailed.verification), { acceptable }).proof).toEqual({ kind: 'email', factorId: email.id });
});

test('a right recovery code proves it and is spent, and nothing else is charged', () => {
  const outcome = proved(recoveryCode.toUpperCase());
  expect(outcome).toMatchObject({ proof: { kind: 'recovery-code' }, writes: {} });
  expect([outcome.writes, outcome.factor]).toEqual([{}, undefined]);
  expect(outcome.user.failures).toEqual(noMore);
  expect(outcome.user.recovery && recoveryCodesLeft(outcome.user.recovery)).toBe(9);
  expect(refused(recoveryCode, { user: outcome.user }).user.failures.count).toBe(1);
});

test('spaces and hyphens in a code are passed over', () => {
  expect(proved(`${totpCode.slice(0, 3)} ${totpCode.slice(3)}`).proof.kind).toBe('totp');
  expect(proved(`${smsCode.slice(0, 3)}-${smsCode.slice(3)}`).proof.kind).toBe('sms');
});

test('a wrong code is one failure of the user, and one attempt at the code that was sent', () => {
  const outcome = refused(wrong);
  expect(outcome.user).toEqual({ ...user, failures: { count: 4, waitUntilMs: 0 }, updatedAtMs: startMs });
  expect(outcome.writes.verifications).toMatchObject([
    { id: sent.verification.id, attemptsUsed: 1, status: 'pending' },
  ]);
  expect(outcome.writes.recipients).toMatchObject([{ recipient, failures: { count: 1 } }]);
  expect(outcome.disabled).toEqual([]);
});

const wrongs: [what: string, typed: string, given: Given][] = [
  ['what cannot be a code', 'not a code!', {}],
  ['nothing', '', {}],
  ['a recovery code that there is none of', 'z'.repeat(24), {}],
  [
    'a right TOTP where secrets are not acceptable',
    totpCode,
    { acceptable: { ...everything, totp: [], sent: undefined } },
  ],
  [
    'a TOTP that was used',
    totpCode,
    {
      acceptable: {
        ...everything,
        sent: undefined,
        totp: [{ ...totp, totp: { ...totp.totp, lastStep: now } } as Factor],
      },
    },
  ],
  ['a TOTP of two steps ago', totpAt(now - 2), { acceptable: { ...everything, sent: undefined } }],
  [
    'a right recovery code where they are not acceptable',
    recoveryCode,
    { acceptable: { ...everything, recoveryCodes: false } },
  ],
  ['a recovery code of a user without any', recoveryCode, { user: bare }],
  ['a right code whose time ran out', smsCode, { nowMs: startMs + 300_000, acceptable: { ...everything, totp: [] } }],
  ...(['verified', 'failed', 'cancelled'] as const).map((status): [string, string, Given] => [
    `a right code that has ${status}`,
    smsCode,
    { acceptable: { ...everything, sent: { ...sent, verification: { ...sent.verification, status } } } },
  ]),
  ['any code where nothing is acceptable', wrong, { acceptable: { totp: [], recoveryCodes: false } }],
];

test.each(wrongs)('%s is a wrong code that charges nothing but the user', (_, typed, given) => {
  const { user: after, writes } = refused(typed, given);
  expect([after.failures, writes]).toEqual([{ count: 4, waitUntilMs: 0 }, {}]);
});

test('the fifth wrong code in a row begins a pause, in which not even a right code is compared', () => {
  const paused = refused(wrong, { user: { ...user, failures: { count: 4, waitUntilMs: 0 } } }).user;
  expect(paused.failures).toEqual({ count: 5, waitUntilMs: startMs + 30_000 });
  for (const typed of [totpCode, smsCode, recoveryCode, wrong]) {
    expect(proving(typed, { user: paused })).toEqual({ kind: 'paused', retryAfterSeconds: 30 });
    expect(proving(typed, { user: paused, nowMs: startMs + 29_001 })).toEqual({ kind: 'paused', retryAfterSeconds: 1 });
  }
  const again = proved(totpAt(now + 1), { user: paused, nowMs: startMs + 30_000 });
  expect(again.user.failures).toEqual(noMore);
});

test('the hundredth failure in a row disables the secrets that were guessed at, and nothing else', () => {
  const acceptable = { totp: [totp], recoveryCodes: true };
  const guessed = (count: number, given: Acceptable = acceptable) =>
    refused(wrong, { user: { ...user, failures: { count, waitUntilMs: 0 } }, acceptable: given }).disabled;
  expect(guessed(98)).toEqual([]);
  expect(guessed(99)).toEqual([{ ...totp, status: 'disabled' }]);
  expect(guessed(150)).toEqual([{ ...totp, status: 'disabled' }]);
  expect(refused('no code', { user: { ...user, failures: { count: 99, waitUntilMs: 0 } } }).disabled).toHaveLength(1);
  const pending = { ...totp, status: 'pending' } as const;
  expect(guessed(99, { totp: [pending], recoveryCodes: false })).toEqual([]);
});

test('a recipient that has to wait lets its code be no guess, and counts nothing', () => {
  const acceptable = { totp: [], sent, recoveryCodes: true };
  for (const typed of [wrong, smsCode]) {
    expect(proving(typed, { acceptable, recipientState: locked })).toEqual({ kind: 'paused', retryAfterSeconds: 90 });
  }
});

test('a recipient that has to wait keeps nobody from another factor, and makes guesses at it no cheaper', () => {
  expect(proved(totpCode, { recipientState: locked }).proof.kind).toBe('totp');
  expect(proved(recoveryCode, { recipientState: locked }).proof.kind).toBe('recovery-code');
  for (const typed of [wrong, smsCode, 'z'.repeat(10)]) {
    const { user: after, writes } = refused(typed, { recipientState: locked });
    expect([after.failures.count, writes]).toEqual([4, {}]);
  }
  const acceptable = { totp: [], sent, recoveryCodes: true };
  expect(refused('z'.repeat(10), { acceptable, recipientState: locked }).user.failures.count).toBe(4);
});

test('a secret whose key is gone is not passed over', () => {
  const other = {
    ...totp,
    totp: { ...totp.totp, secret: { keyId: 'd9', sealed: totp.totp?.secret.sealed } },
  } as Factor;
  expect(() => proving(totpCode, { acceptable: { ...everything, totp: [other] } })).toThrow(/key/);
});
