import { expect, test } from 'vitest';
import { isUuid } from './uuid.ts';

const id = '0192f0c1-7d3a-7000-8000-0123456789ab';

test('knows an id of ours', () => {
  expect(isUuid(id)).toBe(true);
});

const others: [sentence: string, text: string][] = [
  ['nothing', ''],
  ['capital letters', id.toUpperCase()],
  ['no hyphens', id.replaceAll('-', '')],
  ['one character too few', id.slice(1)],
  ['one character too many', `${id}0`],
  ['a line break at the end', `${id}\n`],
  ['something before it', ` ${id}`],
];

test.each(others)('takes %s for none', (_, text) => {
  expect(isUuid(text)).toBe(false);
});
