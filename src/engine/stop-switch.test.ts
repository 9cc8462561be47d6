import { expect, test } from 'vitest';
import { recordedLog } from '../../testing/builders.ts';
import { sendingStoppedFact } from './commands/change-server.ts';
import type { Delivery } from './delivery.ts';
import { StopSwitch } from './stop-switch.ts';
import type { Queries } from './store.ts';

/** A switch over answers that come when a test lets them. */
function aSwitch() {
  const answers: ((stopped: boolean) => void)[] = [];
  const turns: string[] = [];
  const delivery = {
    held: false,
    async hold() {
      this.held = true;
      turns.push('hold');
    },
    release() {
      this.held = false;
      turns.push('release');
    },
  };
  const fact = (name: string) => {
    expect(name).toBe(sendingStoppedFact);
    return new Promise<string | undefined>((resolve) => answers.push((stopped) => resolve(stopped ? '1' : undefined)));
  };
  const log = recordedLog();
  const one = new StopSwitch({ fact } as Partial<Queries> as Queries, delivery as unknown as Delivery, log);
  return { one, turns, log, answers };
}

const settle = () => new Promise((resolve) => setImmediate(resolve));

test('a look that began earlier never undoes what a later one saw', async () => {
  const { one, turns, answers } = aSwitch();
  const [early, late] = [one.look(), one.look()];
  await settle();
  expect(answers).toHaveLength(1);
  answers[0]?.(false);
  await early;
  await settle();
  answers[1]?.(true);
  await late;
  expect(turns).toEqual(['hold']);
});

test('says each turn once, however often it is looked at', async () => {
  const { one, turns, log, answers } = aSwitch();
  for (const stopped of [true, true, false, false]) {
    const look = one.look();
    await settle();
    answers.at(-1)?.(stopped);
    await look;
  }
  expect(turns).toEqual(['hold', 'release']);
  expect(log.lines).toHaveLength(2);
});
