import { Worker } from 'node:worker_threads';
import { expect, test } from 'vitest';
import { startMs, virtualClock } from '../../testing/clock.ts';
import { clockFrom } from './clock.ts';

test('the system clock tells the time of day, and a time that only goes on', () => {
  const clock = clockFrom('system');
  expect(Math.abs(clock.wallMs() - Date.now())).toBeLessThan(1000);
  const readings = Array.from({ length: 1000 }, () => clock.monotonicMs());
  expect(readings).toEqual([...readings].sort((one, other) => one - other));
  expect(readings.at(-1)).toBeGreaterThan(readings[0] ?? 0);
});

test('a virtual clock goes on and is stepped as its owner says, for all who hold its source', () => {
  const clock = virtualClock();
  const other = clockFrom(clock.source);
  const startedMs = other.monotonicMs();
  clock.advance(1500);
  clock.stepWall(-500);
  expect(other.wallMs()).toBe(startMs + 1000);
  expect(other.monotonicMs() - startedMs).toBe(1500);
});

test('a virtual clock is read by another thread', async () => {
  const clock = virtualClock();
  clock.advance(250);
  const code = `const { parentPort, workerData } = require('node:worker_threads');
    parentPort.postMessage(new Float64Array(workerData.virtual)[0]);`;
  const worker = new Worker(code, { eval: true, workerData: clock.source });
  const told = await new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject));
  await worker.terminate();
  expect(told).toBe(startMs + 250);
});
