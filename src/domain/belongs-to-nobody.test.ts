import { expect, test } from 'vitest';
import { isProblem, parseRecipient } from './recipient.ts';
import { belongsToNobody } from './test-number.ts';

function judged(text: string): boolean {
  const recipient = parseRecipient(text, { fictitious: true });
  if (isProblem(recipient)) throw new Error(`${text} is no recipient`);
  return belongsToNobody(recipient);
}

test.each([
  '+12015550100',
  '+14155550199',
  '+14165550123',
  '+441632960000',
  '+441134960999',
  '+441184960000',
  '+441614960123',
  '+442079460999',
  '+441914980123',
  '+442896496123',
  '+442920180123',
  '+447700900123',
  '+33199001234',
  '+33639981234',
  '+61255501234',
  '+61491570156',
  '+493023125000',
  '+498999998123',
  '+353209100123',
  'ada@example.com',
  'ada@mail.example.org',
  'ada@sub.example',
  'ada@mail.test',
  'ada@host.invalid',
])('%s is kept free by those who give out numbers and names', (text) => {
  expect(judged(text)).toBe(true);
});

test.each([
  ['a city whose area code begins like one with a range', '+441224960123'],
  ['a city whose area code begins like one with a range', '+441234960123'],
  ['a city whose area code begins like one with a range', '+441684960123'],
  ['an island', '+441534960123'],
  ['an island', '+441624960123'],
  ['freephone', '+18005550123'],
  ['freephone', '+18885550123'],
  ['premium rate', '+19005550123'],
  ['a personal number', '+15005550123'],
  ['a country that gives out these lines', '+18095550123'],
  ['a country that gives out these lines', '+18765550123'],
  ['an area code that is not given out yet', '+19995550123'],
  ['a line beside the range', '+12015550200'],
  ['a range that is not given out yet', '+33012345678'],
  ['a range that is not given out yet', '+12001234567'],
  ['a range that is not given out yet', '+447000000000'],
  ['a mailbox', 'ada@gmail.com'],
  ['a name that ends like a reserved one', 'ada@notexample.com'],
  ['a name that ends like a reserved one', 'ada@mytest.dev'],
  ['a reserved word before the @', 'a.example@gmail.com'],
])('%s, %s, may be or become somebody’s', (_, text) => {
  expect(judged(text)).toBe(false);
});
