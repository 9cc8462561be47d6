import { expect, test } from 'vitest';
import { virtualClock } from '../../testing/clock.ts';
import { StoreHealth } from './store-health.ts';

function setUp() {
  const clock = virtualClock();
  return { clock, health: new StoreHealth(clock.monotonicMs) };
}

test('a commit that is waited for longer than two seconds says that the store does not answer', () => {
  const { clock, health } = setUp();
  clock.advance(60_000);
  health.began();
  clock.advance(2000);
  expect(health.answers).toBe(true);
  clock.advance(1);
  expect(health.answers).toBe(false);
  health.answered(true);
  expect(health.answers).toBe(true);
});

test('while others are answered, a commit that waits is no silence', () => {
  const { clock, health } = setUp();
  health.began();
  for (let batch = 0; batch < 10; batch++) {
    health.began();
    clock.advance(1500);
    health.answered(true);
  }
  expect(health.answers).toBe(true);
});

test.each([
  ['a commit', (health: StoreHealth) => health.answered(true)],
  ['maintenance', (health: StoreHealth) => health.tried(true)],
])('a failed commit says so until %s is written', (_, write) => {
  const { clock, health } = setUp();
  health.began();
  health.answered(false);
  clock.advance(29_000);
  health.tried(false);
  clock.advance(29_000);
  expect(health.answers).toBe(false);
  write(health);
  expect(health.answers).toBe(true);
});

test('a failure that nothing bears out is forgotten, and maintenance alone begins none', () => {
  const { clock, health } = setUp();
  health.tried(false);
  expect(health.answers).toBe(true);
  health.began();
  health.answered(false);
  clock.advance(30_000);
  expect(health.answers).toBe(true);
});
