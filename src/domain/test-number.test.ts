import { expect, test } from 'vitest';
import { isProblem, parseRecipient } from './recipient.ts';
import { belongsToNobody, testNumberOf } from './test-number.ts';

function nobodys(text: string): boolean {
  const recipient = parseRecipient(text, { fictitious: true });
  if (isProblem(recipient)) throw new Error(`${text} ${recipient.remedy}`);
  return belongsToNobody(recipient);
}

const kept: [range: string, first: string, last: string][] = [
  ['North America', '+12025550100', '+12025550199'],
  ['Leeds', '+441134960000', '+441134960999'],
  ['Reading', '+441184960000', '+441184960999'],
  ['Birmingham', '+441214960000', '+441214960999'],
  ['Manchester', '+441614960000', '+441614960999'],
  ['no area of Britain', '+441632960000', '+441632960999'],
  ['London', '+442079460000', '+442079460999'],
  ['Tyneside', '+441914980000', '+441914980999'],
  ['Northern Ireland', '+442896496000', '+442896496999'],
  ['Cardiff', '+442920180000', '+442920180999'],
  ['British mobiles', '+447700900000', '+447700900999'],
  ['the Paris region', '+33199000000', '+33199009999'],
  ['French mobiles', '+33639980000', '+33639989999'],
  ['the east of Australia', '+61255500000', '+61255509999'],
  ['Australian mobiles', '+61491570156', '+61491570159'],
  ['Berlin', '+493023125000', '+493023125999'],
  ['Ireland', '+353209100000', '+353209199999'],
];

test.each(kept)('a number kept for fiction belongs to nobody: %s', (_, first, last) => {
  expect([nobodys(first), nobodys(last)]).toEqual([true, true]);
});

const owned: [whose: string, number: string][] = [
  ['a French mobile', '+33612345678'],
  ['a French mobile beside the kept ones', '+33639970000'],
  ['a British mobile', '+447911123456'],
  ['a British mobile beside the kept ones', '+447700800123'],
  ['Aberdeen, which looks like a kept one', '+441224960123'],
  ['Bedford, which looks like a kept one', '+441234960123'],
  ['Coventry', '+442476960123'],
  ['a German mobile', '+4915123456789'],
  ['Berlin, beside the kept ones', '+493023124000'],
  ['New York', '+12125551234'],
  ['just before the kept ones of North America', '+12025550099'],
  ['just after the kept ones of North America', '+12025550200'],
  ['a free number of North America, which companies own', '+18005550123'],
  ['an Australian mobile', '+61491570160'],
  ['an Indian mobile', '+919812345678'],
  ['a range that is not assigned yet: tomorrow it may be', '+33712'.padEnd(12, '3')],
];

test.each(owned)('a number that somebody owns, or may own one day, is refused: %s', (_, number) => {
  expect(nobodys(number)).toBe(false);
});

const addresses: [address: string, nobodys: boolean][] = [
  ['ada@example.com', true],
  ['ada@example.net', true],
  ['ada@example.org', true],
  ['ada@mail.example.com', true],
  ['ada@some.test', true],
  ['ada@some.invalid', true],
  ['ada@some.example', true],
  ['Ada@EXAMPLE.com', true],
  ['ada@gmail.com', false],
  ['ada@notexample.com', false],
  ['ada@example.com.evil.com', false],
  ['ada@example.co', false],
  ['ada@example.de', false],
  ['ada@contest.com', false],
  ['test.example.com@gmail.com', false],
  ['example.test@latest.io', false],
];

test.each(addresses)('that %s belongs to nobody is %s', (address, expected) => {
  expect(nobodys(address)).toBe(expected);
});

test('is one until its very last millisecond, and no other recipient is it', () => {
  const number = { recipient: '+12025550123', keyId: 'd1', sealed: '', validUntilMs: 1000 };
  const endless = { recipient: 'ada@example.com', keyId: 'd1', sealed: '' };
  const numbers = [number, endless];
  expect(testNumberOf(numbers, number.recipient, 999)).toBe(number);
  expect(testNumberOf(numbers, number.recipient, 1000)).toBeUndefined();
  expect(testNumberOf(numbers, endless.recipient, Number.MAX_SAFE_INTEGER)).toBe(endless);
  expect(testNumberOf(numbers, '+12025550124', 0)).toBeUndefined();
});
