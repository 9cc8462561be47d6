import { expect, test } from 'vitest';
import { scaled } from '../../testing/scale.ts';
import { type Random, systemRandom, uuidv7 } from './random.ts';

const form = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const constant = (byte: string): Random => ({ hex: (bytes) => byte.repeat(bytes), fraction: () => 0 });

test('makes UUIDs of version 7 and the RFC variant, of the time they were made', () => {
  const random = systemRandom();
  for (let i = 0; i < 1000; i++) expect(uuidv7(1_700_000_000_000 + i, random)).toMatch(form);
  // The example of RFC 9562, appendix A.6: 2022-02-22 19:22:22.
  expect(uuidv7(0x017f22e279b0, random).slice(0, 15)).toBe('017f22e2-79b0-7');
});

test.each(['00', 'ff', '5a', 'c3'])('keeps version and variant whatever is drawn, such as %s', (byte) => {
  expect(uuidv7(1_700_000_000_000.9, constant(byte))).toMatch(form);
});

test('ids made in a later millisecond sort later', () => {
  expect(uuidv7(1000, constant('ff')) < uuidv7(1001, constant('00'))).toBe(true);
  expect(uuidv7(0xfffff, constant('ff')) < uuidv7(0x100000, constant('00'))).toBe(true);
});

test('puts 74 drawn bits between time, version and variant', () => {
  const drawn: Random = { hex: () => '0123456789abcdef0123', fraction: () => 0 };
  expect(uuidv7(0, drawn)).toBe('00000000-0000-7012-b456-89abcdef0123');
});

test('draws bytes of the asked number, never the same twice, over many refills', () => {
  const random = systemRandom();
  const count = scaled(100_000);
  const seen = new Set(Array.from({ length: count }, () => random.hex(16)));
  expect(seen.size).toBe(count);
  expect([...seen].every((text) => /^[0-9a-f]{32}$/.test(text))).toBe(true);
  expect(new Set(random.hex(64).match(/../g)).size).toBeGreaterThan(32);
});

test('draws fractions from 0 to below 1', () => {
  const random = systemRandom();
  const drawn = Array.from({ length: 1000 }, () => random.fraction());
  expect(drawn.every((value) => value >= 0 && value < 1)).toBe(true);
  expect(Math.max(...drawn) - Math.min(...drawn)).toBeGreaterThan(0.5);
});
