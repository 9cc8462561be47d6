import { expect, test } from 'vitest';
import { defaultLimits } from '../../src/domain/limits.ts';
import { statusOf } from '../../src/domain/verification.ts';
import { aCancel, aCreate, aRightCheck, times } from '../builders.ts';
import { History, inWords, modelInWords, rowInWords } from '../history.ts';
import { isLong, scaled } from '../scale.ts';
import { seeded } from '../seeded.ts';
import { type OpenStore, run, runBatch, type StoreUnderTest, stored } from './given.ts';

const stepsEach = 30;
const sideBySide = 100;

/** Runs histories side by side, a step of each in one batch; time passes for all of them alike. */
async function replay(given: StoreUnderTest, histories: readonly History[], draw: () => number): Promise<void> {
  for (let step = 0; step < stepsEach; step++) {
    const { nowMs } = given.store.clock();
    const steps = histories.map((history) => history.next(nowMs));
    const outcomes = await runBatch(
      given,
      steps.map(({ command }) => command),
    );
    for (const [at, history] of histories.entries()) {
      const answered = outcomes[at];
      const words = answered === undefined ? 'nothing' : inWords({ ...answered });
      if (words !== steps[at]?.expected) {
        throw new Error(`history ${history.seed} differs: "${words}" after\n${history.steps.join('\n')}`);
      }
    }
    given.clock.advance(pause(draw));
  }
}

/** How long nothing happens: mostly short, now and then past a window, a life or a day. */
function pause(draw: () => number): number {
  const longest = [1000, 31_000, 61_000, 61_000, 300_000, 601_000][Math.floor(draw() * 6)] ?? 0;
  return draw() < 0.02 ? 86_400_000 : Math.floor(draw() * longest);
}

async function compareRows(given: StoreUnderTest, { seed, ids, model }: History): Promise<void> {
  const { nowMs } = given.store.clock();
  const rows = await Promise.all(ids.map((id) => stored(given, id)));
  const found = rows.map((row) => rowInWords(row, statusOf(row, nowMs)));
  const expected = model.verifications.map((verification) => modelInWords(model, verification, nowMs));
  expect(found, `history ${seed}`).toEqual(expected);
}

export function historyContract(open: OpenStore): void {
  test(
    'does in random histories of create, check, resend, cancel and expiry what a plain model does',
    async () => {
      await using given = await open({ limits: defaultLimits });
      const count = scaled(10_000);
      for (let seed = 0; seed < count; seed += sideBySide) {
        const histories = times(sideBySide, (at) => new History(seed + at));
        await replay(given, histories, seeded(seed));
        for (const history of histories) await compareRows(given, history);
      }
    },
    isLong ? 600_000 : 120_000,
  );

  test('when a right check races a cancel one of them wins, and both answers match what is stored', async () => {
    await using given = await open();
    const draw = seeded(12);
    const winners = new Set<string>();
    for (let race = 0; race < scaled(500); race++) {
      const create = aCreate();
      await run(given, create);
      const check = () => run(given, aRightCheck(create));
      const cancel = () => run(given, aCancel({ verificationId: create.requested.id }));
      const checkFirst = draw() < 0.5;
      const [one, other] = await Promise.all(checkFirst ? [check(), cancel()] : [cancel(), check()]);
      const [checked, cancelled] = checkFirst ? [one, other] : [other, one];
      const { status } = await stored(given, create.requested.id);
      winners.add(status);
      const expected = {
        verified: [{ kind: 'verified' }, { kind: 'ended', status: 'verified' }],
        cancelled: [{ kind: 'cancelled' }, { kind: 'cancelled' }],
      };
      expect([checked, cancelled]).toMatchObject(status === 'verified' ? expected.verified : expected.cancelled);
    }
    expect([...winners].sort()).toEqual(['cancelled', 'verified']);
  });
}
