import { expect, test } from 'vitest';
import { amount } from './layout.ts';

const amounts: [count: number, text: string][] = [
  [0, '0 entries'],
  [1, '1 entry'],
  [2, '2 entries'],
  [1200, '1,200 entries'],
];

test.each(amounts)('%d is said as %s', (count, text) => {
  expect(amount(count, 'entry', 'entries')).toBe(text);
});
