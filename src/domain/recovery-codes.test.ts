import { expect, test } from 'vitest';
import { keys, times } from '../../testing/builders.ts';
import { startMs } from '../../testing/clock.ts';
import { recoveryCodes } from '../../testing/people.ts';
import { digest } from './bytes.ts';
import { withoutKey } from './keys.ts';
import {
  canonicalRecoveryCode,
  groupedRecoveryCode,
  newRecoverySet,
  type RecoveryForm,
  type RecoverySet,
  recoveryBytes,
  recoveryCodesFrom,
  recoveryCodesLeft,
  recoveryContext,
  shownRecoveryCodes,
  withoutRecoveryCode,
} from './recovery-codes.ts';
import { openedSecret } from './sealed-secret.ts';

const place = { tenantId: 'tenant-1', userId: 'user-1' };
const letters = '0123456789abcdefghjkmnpqrstvwxyz';
const nonce = Buffer.alloc(12, 5);
const setOf = (form: RecoveryForm, older?: RecoverySet, codes = recoveryCodes(form)) =>
  newRecoverySet(codes, form, { place, older, keys, nonce, nowMs: startMs });

const forms: [form: RecoveryForm, length: number, bits: number][] = [
  ['hashed', 24, 120],
  ['shown', 10, 50],
];

test.each(forms)('a set that is %s has ten codes of %i letters, %i bits each', (form, length, bits) => {
  const codes = recoveryCodes(form);
  expect([codes.length, new Set(codes).size]).toEqual([10, 10]);
  expect(new Set(codes.map((code) => code.length))).toEqual(new Set([length]));
  expect(length * Math.log2(letters.length)).toBe(bits);
  expect(recoveryBytes(form)).toBe(10 * length);
});

test.each(forms)('each letter of a set that is %s comes of five bits of a byte of its own: all are alike', (form) => {
  const size = recoveryBytes(form);
  for (const byte of times(256, (value) => value)) {
    const hex = Buffer.alloc(size, byte).toString('hex');
    expect(recoveryCodesFrom(hex, form).join('')).toBe(letters.charAt(byte & 31).repeat(size));
  }
});

test.each([-1, 1])('bytes that are %i too many make no codes', (more) => {
  const hex = Buffer.alloc(recoveryBytes('hashed') + more).toString('hex');
  expect(() => recoveryCodesFrom(hex, 'hashed')).toThrow(RangeError);
});

const [first = '', second = ''] = recoveryCodes();
const [shown = ''] = recoveryCodes('shown');
const spellings: [what: string, typed: string, code: string | undefined][] = [
  ['as it is', first, first],
  ['in groups', groupedRecoveryCode(first), first],
  ['with spaces around and within', ` ${first.slice(0, 5)} ${first.slice(5)} `, first],
  ['in capitals', first.toUpperCase(), first],
  ['one that is shown again', shown, shown],
  ['one letter less', first.slice(1), undefined],
  ['one letter more', `${first}0`, undefined],
  ['a letter that there is none of', `u${first.slice(1)}`, undefined],
  ['a line end', `${first}\n`, undefined],
  ['a code by SMS', '123456', undefined],
  ['nothing', '', undefined],
  ['more than anybody types', `${first}${' '.repeat(41)}`, undefined],
];

test.each(spellings)('reads a code %s', (_, typed, code) => {
  expect(canonicalRecoveryCode(typed)).toBe(code);
});

test('groups are of four letters, without a hyphen at the end', () => {
  expect([groupedRecoveryCode('a'.repeat(24)), groupedRecoveryCode('a'.repeat(10))]).toEqual([
    'aaaa-aaaa-aaaa-aaaa-aaaa-aaaa',
    'aaaa-aaaa-aa',
  ]);
});

test.each(forms)('each code of a set that is %s works once, in any order, and the rest is counted', (form) => {
  let set = setOf(form);
  const codes = recoveryCodes(form);
  const order = [3, 0, 9, 5, 1, 8, 2, 7, 4, 6];
  for (const [used, at] of order.entries()) {
    expect(recoveryCodesLeft(set)).toBe(10 - used);
    const next = withoutRecoveryCode(set, codes[at] ?? '', place, keys);
    if (next === undefined) throw new Error('a code does not work');
    expect(next).toEqual({ ...set, spent: set.spent | (1 << at) });
    expect(withoutRecoveryCode(next, codes[at] ?? '', place, keys)).toBeUndefined();
    set = next;
  }
  expect(recoveryCodesLeft(set)).toBe(0);
});

test.each(forms)('no other code works with a set that is %s', (form, length) => {
  const set = setOf(form);
  for (const code of ['', 'z'.repeat(length), recoveryCodes(form === 'shown' ? 'hashed' : 'shown')[0] ?? '']) {
    expect(withoutRecoveryCode(set, code, place, keys)).toBeUndefined();
  }
});

test('a new set has the next version, and refuses the codes of the one before', () => {
  const older = setOf('hashed');
  const other = recoveryCodesFrom(Buffer.alloc(240, 9).toString('hex'), 'hashed');
  const newer = setOf('hashed', { ...older, spent: 3 }, other);
  expect([older.version, newer.version, newer.spent]).toEqual([1, 2, 0]);
  expect(withoutRecoveryCode(newer, first, place, keys)).toBeUndefined();
});

test('codes are kept as digests, or as they are only where they are shown again', () => {
  const kept = ({ secret }: RecoverySet) =>
    JSON.parse(openedSecret(secret, recoveryContext(place, 1), keys).toString());
  expect(kept(setOf('hashed'))).toEqual(recoveryCodes().map((code) => digest(code).toString('hex')));
  expect(kept(setOf('shown'))).toEqual(recoveryCodes('shown'));
});

test('those that are left are shown, of a set that may be, in their order', () => {
  expect(shownRecoveryCodes({ ...setOf('shown'), spent: 0b101 }, place, keys)).toEqual(
    recoveryCodes('shown').filter((_, at) => at !== 0 && at !== 2),
  );
  expect(shownRecoveryCodes(setOf('hashed'), place, keys)).toEqual([]);
});

const set = setOf('hashed');
const tampered = Buffer.from(set.secret.sealed, 'base64');
tampered[20] = (tampered[20] ?? 0) ^ 1;
const strangers: [what: string, set: RecoverySet, place: { tenantId: string; userId: string }][] = [
  ['another user', set, { ...place, userId: 'user-2' }],
  ['another tenant', set, { ...place, tenantId: 'tenant-2' }],
  ['another version', { ...set, version: 2 }, place],
  ['somebody who changed a bit', { ...set, secret: { ...set.secret, sealed: tampered.toString('base64') } }, place],
];

test.each(strangers)('a set does not open for %s', (_, given, whose) => {
  expect(() => withoutRecoveryCode(given, second, whose, keys)).toThrow();
});

test('a set whose key is gone says so', () => {
  const rings = { ...keys, data: { activeId: 'd2', keys: { ...keys.data.keys, d2: new Uint8Array(32) } } };
  expect(() => withoutRecoveryCode(set, first, place, withoutKey(rings, 'data', 'd1'))).toThrow(/key/);
});
