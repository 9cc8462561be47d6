import { expect, test } from 'vitest';
import { aService, otherTenantId, tenantId } from '../../testing/builders.ts';
import { startMs } from '../../testing/clock.ts';
import { LiveCodes } from './live-codes.ts';
import type { Queries } from './store.ts';

const recipient = '+33612345678';

/** A store that holds so many live codes of each tenant, and says how often it was asked. */
function given(live: number) {
  const state = { live, nowMs: startMs, asked: 0 };
  const queries = {
    liveCodes: async (_: string, most: number) => {
      state.asked++;
      return Math.min(state.live, most);
    },
  } as Partial<Queries> as Queries;
  const clock = () => ({ nowMs: state.nowMs, confirmed: true, steps: 0 });
  const codes = new LiveCodes({ queries, clock });
  const service = aService({ codePolicy: { ...aService().codePolicy, length: 6 } });
  const length = async (tenant = tenantId) => (await codes.withLength({ recipient }, tenant, service)).codeLength;
  return { state, codes, service, length };
}

test('counts once a second, and adds what was asked for since: the 92nd code of a burst is longer', async () => {
  const { state, length } = given(0);
  for (let made = 0; made < 91; made++) expect(await length()).toBe(6);
  expect(await length()).toBe(7);
  expect(state.asked).toBe(1);
});

test('codes whose length the request names are added too, and keep it; so do its own', async () => {
  const { codes, service, length } = given(90);
  expect(await length()).toBe(6);
  const asked = { recipient, codeLength: 4 };
  expect(await codes.withLength(asked, tenantId, service)).toBe(asked);
  expect(await length()).toBe(7);
  const own = { recipient, code: 'Secret99' };
  expect(await codes.withLength(own, tenantId, service)).toBe(own);
});

test('what has ended is noticed within a second, and no code is shorter before', async () => {
  const { state, length } = given(91);
  expect(await length()).toBe(7);
  state.live = 0;
  state.nowMs += 999;
  expect(await length()).toBe(7);
  state.nowMs += 1;
  expect(await length()).toBe(6);
  expect(await length(otherTenantId)).toBe(6);
});

test('a service that wants the longest codes has nothing counted, and says nothing to the others', async () => {
  const { state, codes, length } = given(91);
  const longest = aService({ codePolicy: { ...aService().codePolicy, length: 10 } });
  expect((await codes.withLength({ recipient }, tenantId, longest)).codeLength).toBe(10);
  expect(state.asked).toBe(0);
  expect(await length()).toBe(7);
});
