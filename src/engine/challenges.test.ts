import { expect, test } from 'vitest';
import { codeSent, tenantId } from '../../testing/builders.ts';
import { openEngine, type TestEngine } from '../../testing/engine.ts';
import {
  anActivation,
  aRecipientFactor,
  aRemoval,
  aUser,
  type RecipientEnrolment,
} from '../../testing/second-factors.ts';
import { run } from '../../testing/store-contract/given.ts';
import type { Factor } from '../domain/factor.ts';
import { createChallenges } from './challenges.ts';
import { createDirectory } from './directory.ts';
import { systemRandom } from './random.ts';

const asked = { tenantId, by: { name: 'test' }, face: 'native' };

/** A user with two phone numbers, the second of which is asked first. */
async function withNumbers(engine: TestEngine): Promise<readonly [RecipientEnrolment, RecipientEnrolment]> {
  const { user } = aUser();
  await run(engine, aUser(user));
  const numbers = [aRecipientFactor(user.id), aRecipientFactor(user.id)] as const;
  for (const number of numbers) {
    await run(engine, number);
    await run(engine, anActivation(number, codeSent(number.create)));
  }
  return numbers;
}

/** The use-cases, with factors that are read as `seen` says: what happens between reading and deciding. */
function challengesOf(engine: TestEngine, seen: (rows: readonly Factor[], look: number) => Promise<readonly Factor[]>) {
  const { store } = engine;
  let looks = 0;
  const factors = async (tenant: string, user: string) => seen(await store.queries.factors(tenant, user), ++looks);
  return createChallenges({
    ...engine,
    store: { ...store, queries: { ...store.queries, factors } },
    directory: createDirectory(store.queries, () => 0),
    random: systemRandom(),
    routes: { sms: ['first'] },
    fictitious: false,
  });
}

test('a number that is removed while its message is worked out is sent nothing: another one is', async () => {
  await using engine = await openEngine();
  const [kept, removed] = await withNumbers(engine);
  const challenges = challengesOf(engine, async (rows, look) => {
    if (look === 1) await run(engine, aRemoval(removed));
    return rows;
  });
  const { outcome } = await challenges.create(asked, kept.userId, {});
  expect(outcome).toMatchObject({ kind: 'challenged', challenge: { factorId: kept.factor.id } });
  const { rows } = await engine.store.queries.verifications({
    tenantId,
    recipient: removed.factor.recipient,
    limit: 9,
  });
  expect(rows).toHaveLength(1);
});

test('factors that change all the time are given up on after three looks', async () => {
  await using engine = await openEngine();
  const [kept, removed] = await withNumbers(engine);
  const before = await engine.store.queries.factors(tenantId, kept.userId);
  await run(engine, aRemoval(removed));
  let looks = 0;
  const challenges = challengesOf(engine, async () => {
    looks += 1;
    return before;
  });
  await expect(challenges.create(asked, kept.userId, {})).rejects.toThrow('unavailable: overloaded');
  expect(looks).toBe(3);
});
