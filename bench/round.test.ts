import { expect, test } from 'vitest';
import type { Child } from './child.ts';
import type { LoadResult } from './protocol.ts';
import { checkRound } from './round.ts';

const shed = '503 {"code":1007}';
const result: LoadResult = {
  started: 10,
  unstarted: 0,
  expected: 9,
  unexpected: 1,
  firstUnexpected: shed,
  unanswered: 0,
  elapsedMs: 10,
  latencies: new Uint32Array(1),
  cpuMs: 1,
  ids: [],
};

/** A process that answers each kind of question as it is told. */
const aChild = (answers: Readonly<Record<string, unknown>>): Child => ({
  pid: 1,
  url: 'http://127.0.0.1:1',
  apiKey: 'k',
  ask: async ({ kind }) => {
    if (!Object.hasOwn(answers, kind)) throw new Error(`nobody was to be asked for ${kind}`);
    return answers[kind];
  },
  stop: async () => undefined,
});

test('a round whose verifications could not all be made is void with its reason, and asks for nothing more', async () => {
  const generator = { load: aChild({ load: result }), nextIndex: 0 };
  const round = await checkRound(generator, aChild({}), { connections: 64, seconds: 1 }, 10);
  expect(round.voidBecause).toBe(`prepared 9 of 10 verifications: ${shed}`);
  expect(generator.nextIndex).toBe(10);
});

test('so is one whose codes did not come', async () => {
  const generator = { load: aChild({ load: { ...result, expected: 2, started: 2 } }), nextIndex: 0 };
  const server = aChild({ codes: ['123456', ''] });
  const round = await checkRound(generator, server, { connections: 64, seconds: 1 }, 2);
  expect(round.voidBecause).toBe('a code was not delivered within half a second');
});
