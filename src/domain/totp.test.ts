import fc from 'fast-check';
import { Secret, TOTP, URI } from 'otpauth';
import { expect, test } from 'vitest';
import { type TotpAlgorithm, totpAlgorithms } from './factor.ts';
import { acceptedStep, base32, hotp, otpauthUri, timeStep } from './totp.ts';

const digitsOf = (bytes: number) => Buffer.from('1234567890'.repeat(7).slice(0, bytes));
const sixDigits = { algorithm: 'SHA1', digits: 6 } as const;

/* RFC 4226, appendix D. */
const counted = [
  ...['755224', '287082', '359152', '969429', '338314'],
  ...['254676', '287922', '162583', '399871', '520489'],
];

test.each([...counted.entries()])('RFC 4226: the code of counter %i is %s', (counter, code) => {
  expect(hotp(digitsOf(20), counter, sixDigits)).toBe(code);
});

/* RFC 6238, appendix B, with secrets as long as the hash, as its errata say. */
const secrets = { SHA1: digitsOf(20), SHA256: digitsOf(32), SHA512: digitsOf(64) };
const timed: [seconds: number, sha1: string, sha256: string, sha512: string][] = [
  [59, '94287082', '46119246', '90693936'],
  [1_111_111_109, '07081804', '68084774', '25091201'],
  [1_111_111_111, '14050471', '67062674', '99943326'],
  [1_234_567_890, '89005924', '91819424', '93441116'],
  [2_000_000_000, '69279037', '90698825', '38618901'],
  [20_000_000_000, '65353130', '77737706', '47863826'],
];
const vectors = timed.flatMap(([seconds, ...codes]) =>
  totpAlgorithms.map((algorithm, at) => [seconds, algorithm, codes[at] ?? ''] as const),
);

test.each(vectors)('RFC 6238: at second %i the code by %s is %s', (seconds, algorithm, code) => {
  const counter = timeStep(seconds * 1000);
  expect(hotp(secrets[algorithm], counter, { algorithm, digits: 8 })).toBe(code);
});

test('a step lasts thirty seconds, to the millisecond', () => {
  expect([0, 29_999, 30_000, 59_999, 60_000].map(timeStep)).toEqual([0, 0, 1, 1, 2]);
});

const secret = secrets.SHA1;
const now = 41_152_263;
const nowMs = now * 30_000 + 12_345;
const codeAt = (step: number) => hotp(secret, step, sixDigits);

const windows: [drift: number, offset: number, lastStep: number | undefined, accepted: boolean][] = [
  ...[-2, -1, 0, 1, 2].map((offset) => [0, offset, undefined, offset === 0] as [number, number, undefined, boolean]),
  ...[-2, -1, 0, 1, 2].map(
    (offset) => [1, offset, undefined, Math.abs(offset) <= 1] as [number, number, undefined, boolean],
  ),
  ...[-3, -2, -1, 0, 1, 2, 3].map(
    (offset) => [2, offset, undefined, Math.abs(offset) <= 2] as [number, number, undefined, boolean],
  ),
  [1, -1, now - 2, true],
  [1, -1, now - 1, false],
  [1, -1, now, false],
  [1, 0, now - 1, true],
  [1, 0, now, false],
  [1, 0, now + 1, false],
  [1, 1, now, true],
  [1, 1, now + 1, false],
];

test.each(windows)('with a drift of %i the code of step now%i, after step %s, is accepted: %s', (...given) => {
  const [drift, offset, lastStep, accepted] = given;
  const step = acceptedStep(secret, { ...sixDigits, drift, lastStep }, codeAt(now + offset), nowMs);
  expect(step).toBe(accepted ? now + offset : undefined);
});

test.each([
  ['too short', codeAt(now).slice(1)],
  ['too long', `${codeAt(now)}0`],
  ['nothing', ''],
  ['of eight digits', hotp(secret, now, { ...sixDigits, digits: 8 })],
  ['by another hash', hotp(secret, now, { ...sixDigits, algorithm: 'SHA256' })],
])('a code that is %s is none', (_, typed) => {
  expect(acceptedStep(secret, { ...sixDigits, drift: 1 }, typed, nowMs)).toBeUndefined();
});

test('there is no step before the first', () => {
  expect(acceptedStep(secret, { ...sixDigits, drift: 2 }, codeAt(0), 1000)).toBe(0);
  expect(acceptedStep(secret, { ...sixDigits, drift: 2, lastStep: 0 }, codeAt(0), 1000)).toBeUndefined();
});

test('one code is not accepted for each of two steps that happen to share it', () => {
  // Found by trying: with this few digits steps meet often.
  const factor = { algorithm: 'SHA1', digits: 1, drift: 1 } as const;
  const at = Array.from({ length: 1000 }, (_, step) => step + 1).find(
    (step) => hotp(secret, step, factor) === hotp(secret, step + 1, factor),
  );
  if (at === undefined) throw new Error('no two neighbours share a code');
  const typed = hotp(secret, at, factor);
  const lastStep = acceptedStep(secret, factor, typed, at * 30_000);
  expect(lastStep).toBe(at + 1);
  expect(acceptedStep(secret, { ...factor, lastStep }, typed, at * 30_000)).toBeUndefined();
});

const algorithms = fc.constantFrom<TotpAlgorithm>(...totpAlgorithms);
const bytes = (minLength: number, maxLength: number) => fc.uint8Array({ minLength, maxLength });
const secretOf = (raw: Uint8Array) => new Secret({ buffer: Uint8Array.from(raw).buffer });

test('the codes are those that another implementation makes, whatever hash, digits and time', () => {
  fc.assert(
    fc.property(
      bytes(16, 64),
      algorithms,
      fc.integer({ min: 6, max: 8 }),
      fc.integer({ min: 0, max: 253_402_300_799_999 }),
      (raw, algorithm, digits, timestamp) => {
        const theirs = new TOTP({ secret: secretOf(raw), algorithm, digits, period: 30 });
        expect(hotp(raw, timeStep(timestamp), { algorithm, digits })).toBe(theirs.generate({ timestamp }));
      },
    ),
  );
});

test('no code is accepted twice, whatever comes in and wherever the clock goes', () => {
  const steps = fc.array(fc.record({ clock: fc.integer({ min: -6, max: 6 }), of: fc.integer({ min: -6, max: 6 }) }), {
    maxLength: 60,
  });
  fc.assert(
    fc.property(steps, fc.integer({ min: 0, max: 2 }), (given, drift) => {
      const accepted: number[] = [];
      for (const { clock, of } of given) {
        const lastStep = accepted.at(-1);
        const typed = codeAt(now + of);
        const step = acceptedStep(secret, { ...sixDigits, drift, lastStep }, typed, nowMs + clock * 30_000);
        if (step !== undefined) accepted.push(step);
      }
      expect(accepted).toEqual([...new Set(accepted)].sort((one, other) => one - other));
    }),
  );
});

test('base32 is that of another implementation, for any length', () => {
  fc.assert(fc.property(bytes(1, 70), (raw) => base32(raw) === secretOf(raw).base32));
  expect(base32(new Uint8Array())).toBe('');
});

test('the URI is read by another implementation as what it was made of', () => {
  const names = fc.string({ minLength: 1, maxLength: 40 }).filter((name) => name.trim() === name && !/[:%]/.test(name));
  fc.assert(
    fc.property(bytes(20, 20), algorithms, fc.integer({ min: 6, max: 8 }), names, names, (raw, ...rest) => {
      const [algorithm, digits, issuer, account] = rest;
      const read = URI.parse(otpauthUri(raw, { algorithm, digits }, { issuer, account }));
      if (!(read instanceof TOTP)) throw new Error('it is no TOTP');
      const { label, period, secret: shared } = read;
      expect({ algorithm: read.algorithm, digits: read.digits, issuer: read.issuer, label, period }).toEqual({
        algorithm,
        digits,
        issuer,
        label: account,
        period: 30,
      });
      expect(Buffer.from(shared.bytes)).toEqual(Buffer.from(raw));
    }),
  );
});

test('the URI has the form that authenticator apps know', () => {
  expect(otpauthUri(secret, sixDigits, { issuer: 'Acme & Co', account: 'ada@example.org' })).toBe(
    'otpauth://totp/Acme%20%26%20Co:ada%40example.org?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ' +
      '&issuer=Acme%20%26%20Co&algorithm=SHA1&digits=6&period=30',
  );
});
