import { expect, test } from 'vitest';
import { type LineKind, lineOf, servesLine } from './line.ts';
import { parseRecipient } from './recipient.ts';

const numbers: [kind: LineKind, number: string][] = [
  ['mobile', '+33612345678'],
  ['fixed-line', '+33145678901'],
  ['fixed-line-or-mobile', '+12025550123'],
  ['toll-free', '+33801234567'],
  ['toll-free', '+18005550199'],
  ['premium-rate', '+33891234567'],
  ['premium-rate', '+19005551234'],
  ['premium-rate', '+979123456789'],
  ['shared-cost', '+33811234567'],
  ['shared-cost', '+80812345678'],
  ['voip', '+445612345678'],
  ['personal', '+447012345678'],
  ['personal', '+15005550006'],
  ['pager', '+447640123456'],
  ['uan', '+443031234567'],
  ['voicemail', '+3538350012345'],
  ['satellite', '+881612345678'],
  ['satellite', '+870773111632'],
  ['global', '+80012345678'],
  ['global', '+88213300655'],
  ['global', '+883510012345'],
  ['unknown', '+33012345678'],
  ['unknown', 'nonsense'],
];

test.each(numbers)('%s: %s', (kind, number) => {
  expect(lineOf(number)).toBe(kind);
  const parsed = parseRecipient(number, { fictitious: true });
  if ('line' in parsed) expect(parsed.line).toBe(kind);
});

const served: [kind: LineKind, always: boolean, ofMessagesOnly: boolean][] = [
  ['mobile', true, true],
  ['fixed-line-or-mobile', true, true],
  ['voip', true, true],
  ['unknown', true, true],
  ['fixed-line', true, false],
  ['toll-free', true, false],
  ['premium-rate', false, false],
  ['shared-cost', false, false],
  ['personal', false, false],
  ['pager', false, false],
  ['uan', false, false],
  ['voicemail', false, false],
  ['satellite', false, false],
  ['global', false, false],
];

test.each(served)('%s: served %s, and %s where landlines are left out', (kind, always, ofMessagesOnly) => {
  expect(servesLine(kind)).toBe(always);
  expect(servesLine(kind, true)).toBe(ofMessagesOnly);
});
