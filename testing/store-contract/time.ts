import { expect, test } from 'vitest';
import { aCheck, aCreate, aRightCheck, tenantId, times } from '../builders.ts';
import { atRest, type OpenStore, run, runBatch, type StoreUnderTest, tally } from './given.ts';

const lifeMs = 60_000;
const hour = 3_600_000;

/** A hundred codes of a minute. */
async function pending(given: StoreUnderTest) {
  const creates = times(100, () => aCreate({ requested: { ttlSeconds: lifeMs / 1000 } }));
  await runBatch(given, creates);
  return creates.map(({ requested }) => requested.id);
}

const checked = async (given: StoreUnderTest, ids: readonly string[]) =>
  tally(
    await runBatch(
      given,
      ids.map((verificationId) => aCheck({ verificationId })),
    ),
  );

export function timeContract(open: OpenStore): void {
  test.each([
    ['back by two hours', -2 * hour],
    ['back by ten seconds', -10_000],
    ['back by more than a day', -25 * hour],
    ['forward by more than a day', 25 * hour],
  ])('codes live exactly their life when the time of day is set %s', async (_, stepMs) => {
    await using given = await open();
    const ids = await pending(given);
    given.clock.advance(20_000);
    given.clock.stepWall(stepMs);
    expect(await checked(given, ids)).toEqual({ 'wrong-code': 100 });
    given.clock.advance(39_999);
    expect(await checked(given, ids)).toEqual({ 'wrong-code': 100 });
    given.clock.advance(1);
    expect(await checked(given, ids)).toEqual({ expired: 100 });
  });

  test.each([
    ['ten seconds', 10_000],
    ['two hours', 2 * hour],
  ])('codes end early, and never late, when the time of day is set forward by %s', async (_, stepMs) => {
    await using given = await open();
    const ids = await pending(given);
    given.clock.advance(20_000);
    given.clock.stepWall(stepMs);
    const leftMs = Math.max(0, lifeMs - 20_000 - stepMs);
    given.clock.advance(Math.max(0, leftMs - 1));
    expect(await checked(given, ids)).toEqual(leftMs > 0 ? { 'wrong-code': 100 } : { expired: 100 });
    given.clock.advance(1);
    expect(await checked(given, ids)).toEqual({ expired: 100 });
  });

  test('counts steps of more than five seconds, and asks an operator after one of more than a day', async () => {
    await using given = await open();
    const steps: [ms: number, steps: number, confirmed: boolean][] = [
      [0, 0, true],
      [4999, 0, true],
      [5001, 1, true],
      [-2 * hour, 2, true],
      [2 * hour, 3, true],
      [25 * hour, 4, false],
    ];
    for (const [ms, count, confirmed] of steps) {
      given.clock.advance(1000);
      given.clock.stepWall(ms);
      await given.store.dueSends(1);
      expect(given.store.clock()).toMatchObject({ steps: count, confirmed });
    }
  });

  test('never tells an earlier time than it told before', async () => {
    await using given = await open();
    let lastMs = 0;
    for (const ms of [0, 7000, -7000, -hour, hour, -30 * hour, 12, -12]) {
      given.clock.advance(500);
      given.clock.stepWall(ms);
      const create = aCreate();
      const outcome = await run(given, create);
      const nowMs = 'verification' in outcome ? outcome.verification.createdAtMs : 0;
      expect(nowMs).toBeGreaterThan(lastMs);
      expect(given.store.clock().nowMs).toBeGreaterThanOrEqual(nowMs);
      lastMs = nowMs;
    }
  });
}

export function persistentTimeContract(open: OpenStore): void {
  test('over a restart with the time of day set back, a code lives at most ten seconds longer', async () => {
    await using given = await open();
    const ids = await pending(given);
    for (let seconds = 0; seconds < 57; seconds += 3) {
      given.clock.advance(3000);
      await given.store.maintain({ kind: 'purge-idempotency' }, 1);
    }
    const toldMs = given.store.clock().nowMs;
    await atRest(given).close();
    given.clock.stepWall(-2 * hour);
    await atRest(given).reopen();
    expect(given.store.clock()).toMatchObject({ confirmed: true });
    expect(given.store.clock().nowMs).toBeGreaterThan(toldMs - 10_000);
    given.clock.advance(lifeMs - 57_000 + 10_000);
    expect(await checked(given, ids)).toEqual({ expired: 100 });
  });

  test.each([
    ['back by two hours', -2 * hour],
    ['back by ten seconds', -10_000],
    ['forward by ten seconds', 10_000],
    ['forward by two hours', 2 * hour],
  ])('no code lives ten seconds longer when the time of day is set %s over a restart', async (_, stepMs) => {
    await using given = await open();
    const ids = await pending(given);
    for (let seconds = 0; seconds < 30; seconds += 3) {
      given.clock.advance(3000);
      await given.store.maintain({ kind: 'purge-idempotency' }, 1);
    }
    await atRest(given).close();
    given.clock.stepWall(stepMs);
    await atRest(given).reopen();
    expect(given.store.clock()).toMatchObject({ confirmed: true });
    // Whatever the clock says, of their 60 s they had 30.
    given.clock.advance(lifeMs - 30_000 + 10_000);
    expect(await checked(given, ids)).toEqual({ expired: 100 });
  });

  test('opened more than a day before the time it last told, it asks an operator, and takes their word', async () => {
    await using given = await open();
    const create = aCreate();
    await run(given, create);
    await atRest(given).close();
    given.clock.stepWall(-25 * hour);
    await atRest(given).reopen();
    expect(given.store.clock()).toMatchObject({ confirmed: false });
    given.clock.advance(299_999);
    expect(await run(given, aRightCheck(create))).toMatchObject({ kind: 'verified' });
    await atRest(given).reopen({ confirmClock: true });
    expect(given.store.clock()).toEqual({ nowMs: given.clock.wallMs(), confirmed: true, steps: 0 });
  });

  test('what was written under a time that was too late does not live on once an operator set it right', async () => {
    await using given = await open();
    given.clock.stepWall(20 * hour);
    const early = aCreate();
    await run(given, early);
    for (let guess = 0; guess < 5; guess++) await run(given, aCheck({ verificationId: early.requested.id }));
    const late = aCreate();
    await run(given, late);
    await atRest(given).close();
    given.clock.stepWall(-20 * hour - 26 * hour);
    await atRest(given).reopen({ confirmClock: true });
    expect(await run(given, aRightCheck(late))).toMatchObject({ kind: 'expired' });
    const again = aCreate({ requested: { recipient: late.requested.recipient } });
    expect(await run(given, again)).toMatchObject({ kind: 'created' });
    expect(await run(given, aRightCheck(again))).toMatchObject({ kind: 'verified' });
  });

  test('takes over what was left by a process that died days ago', async () => {
    await using given = await open({ epoch: 'e1' });
    const { requested } = await runOwned(given);
    await atRest(given).close();
    given.clock.advance(72 * hour);
    await atRest(given).reopen({ epoch: 'e2' });
    expect(await given.store.dueSends(10)).toEqual([{ tenantId, verificationId: requested.id, number: 1 }]);
  });
}

async function runOwned(given: StoreUnderTest) {
  const create = aCreate({ epoch: 'e1' });
  await run(given, create);
  return create;
}
