import { setTimeout as delay } from 'node:timers/promises';

/** Asks again and again until there is an answer. @throws Error after `withinMs`, so that no test waits for ever */
export async function until<T>(
  what: string,
  ask: () => T | undefined | Promise<T | undefined>,
  withinMs = 10_000,
): Promise<T> {
  const deadline = performance.now() + withinMs;
  while (performance.now() < deadline) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    await delay(2);
  }
  throw new Error(`waited ${withinMs} ms in vain for ${what}`);
}
