import { expect, test } from 'vitest';
import { createRateLimiter, defaultRates, noRates } from './rates.ts';

test('says what is left of a rate as often as it is asked, and takes nothing for it', () => {
  const rates = createRateLimiter(
    { ...defaultRates, apiKey: { name: 'api-key', quota: 2, windowSeconds: 60 } },
    () => 0,
  );
  const left = () => rates.left('apiKey', 'a')?.remaining;
  expect(rates.left('apiKey', 'a')).toEqual({ quota: 2, remaining: 2 });
  expect([left(), left()]).toEqual([2, 2]);
  rates.take('apiKey', 'a');
  expect(left()).toBe(1);
  rates.take('apiKey', 'a');
  expect([left(), left(), rates.left('apiKey', 'b')?.remaining]).toEqual([0, 0, 2]);
});

test('without rates there is nothing to say', () => {
  expect(noRates.left('apiKey', 'a')).toBeUndefined();
});
