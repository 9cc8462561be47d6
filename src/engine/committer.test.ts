import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { aCancel, freshId, recordedLog, times } from '../../testing/builders.ts';
import { Committer, type Urgency } from './committer.ts';
import type { Command } from './deciders.ts';
import { createMeter } from './meter.ts';
import type { Committed, Store } from './store.ts';
import { Unavailable } from './unavailable.ts';

interface Batch {
  readonly commands: readonly Command[];
  answer(results: readonly Committed[]): void;
  fail(error: Error): void;
}

/** A store whose batches end when the test says so. */
function setUp(batchSizeMax = 4) {
  const batches: Batch[] = [];
  let nowMs = 0;
  const commitBatch = (commands: readonly Command[]) =>
    new Promise<readonly Committed[]>((answer, fail) => batches.push({ commands, answer, fail }));
  const store = { batchesInFlight: 1, batchSizeMax, commitBatch } as Partial<Store> as Store;
  const log = recordedLog();
  const meter = createMeter();
  const draws = [0, 0.5, 0.99];
  const committer = new Committer(store, log, () => nowMs, { meter, fraction: () => draws.shift() ?? 0 });
  const passMs = (ms: number) => {
    nowMs += ms;
  };
  return { batches, committer, log, meter, passMs };
}

const aCommand = () => aCancel({ verificationId: freshId() });
const done = (kind = 'cancelled'): Committed => ({ kind: 'done', outcome: { kind } });
const outcomesOf = (promises: readonly Promise<unknown>[]) => Promise.allSettled(promises);
const answerAll = (batch: Batch | undefined) => batch?.answer(batch.commands.map(() => done()));

test('gathers what arrives in one turn into one batch, and answers each command with its own outcome', async () => {
  const { batches, committer } = setUp();
  const commands = times(3, aCommand);
  const answers = commands.map((command) => committer.commit(command, 'change'));
  await turn();
  expect(batches.map(({ commands: sent }) => sent)).toEqual([commands]);
  batches[0]?.answer([done('one'), done('two'), done('three')]);
  expect((await Promise.all(answers)).map(({ outcome }) => outcome.kind)).toEqual(['one', 'two', 'three']);
});

test('sends the next batch when the one under way has ended, whole but no larger than the store allows', async () => {
  const { batches, committer } = setUp(4);
  const answers = times(10, () => committer.commit(aCommand(), 'change'));
  for (let round = 0; round < 3; round++) {
    await turn();
    expect(batches).toHaveLength(round + 1);
    answerAll(batches[round]);
  }
  await Promise.all(answers);
  expect(batches.map(({ commands }) => commands.length)).toEqual([4, 4, 2]);
});

test('hands on the message that a commit lets this process carry', async () => {
  const { batches, committer } = setUp();
  const answer = committer.commit(aCommand(), 'change');
  await turn();
  const job = { number: 1, tries: 1 } as Extract<Committed, { kind: 'done' }>['job'];
  batches[0]?.answer([{ kind: 'done', outcome: { kind: 'cancelled' }, ...(job === undefined ? {} : { job }) }]);
  expect((await answer).job).toBe(job);
});

test('a command that fails fails alone, and its kind is logged with the fault', async () => {
  const { batches, committer, log } = setUp();
  const answers = times(3, () => committer.commit(aCommand(), 'change'));
  await turn();
  batches[0]?.answer([done(), { kind: 'fault', detail: 'a rule broke' }, done()]);
  const [first, second, third] = await outcomesOf(answers);
  expect([first?.status, second?.status, third?.status]).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  expect(log.lines).toEqual(['error a command failed {"command":"cancel","fault":"a rule broke"}']);
});

test('a command that the store cannot answer now says so, and why, to its caller and once to the log', async () => {
  const { batches, committer, log } = setUp();
  const answers = times(2, () => committer.commit(aCommand(), 'check'));
  await turn();
  batches[0]?.answer(times(2, () => ({ kind: 'unavailable', reason: 'unknown_key' })));
  for (const answer of answers) {
    await expect(answer).rejects.toMatchObject({ name: 'Unavailable', reason: 'unknown_key' });
  }
  expect(log.lines).toEqual(['error the store could not answer {"reasons":["unknown_key"],"commands":2}']);
});

test('a batch whose end nobody saw has an unknown outcome for each command, and the next one goes on', async () => {
  const { batches, committer } = setUp();
  const answers = times(2, () => committer.commit(aCommand(), 'change'));
  await turn();
  const next = committer.commit(aCommand(), 'change');
  batches[0]?.fail(new Error('the connection is gone'));
  for (const answer of answers) await expect(answer).rejects.toMatchObject({ reason: 'outcome_unknown' });
  await turn();
  answerAll(batches[1]);
  expect((await next).outcome.kind).toBe('cancelled');
});

test('an error of the store that is sure of itself reaches the caller as it is', async () => {
  const { batches, committer } = setUp();
  const answer = committer.commit(aCommand(), 'change');
  await turn();
  batches[0]?.fail(new Unavailable('store_unavailable', 3));
  await expect(answer).rejects.toMatchObject({ reason: 'store_unavailable', retryAfterSeconds: 3 });
});

test('never has more batches under way than the store allows', async () => {
  const { batches, committer } = setUp(1);
  const answers = times(5, () => committer.commit(aCommand(), 'change'));
  for (let round = 0; round < 10; round++) await turn();
  expect(batches).toHaveLength(1);
  for (let at = 0; at < 5; at++) {
    answerAll(batches[at]);
    await turn();
  }
  await Promise.all(answers);
});

/** Commands of one urgency, until one is turned away. @returns how many were let in */
async function fill(committer: Committer, urgency: Urgency, tries: number): Promise<number> {
  const before = committer.waiting;
  const answers = times(tries, () => committer.commit(aCommand(), urgency));
  const refused = answers.slice(committer.waiting - before);
  for (const answer of refused) await expect(answer).rejects.toMatchObject({ reason: 'overloaded' });
  for (const answer of answers.slice(0, committer.waiting - before)) answer.catch(() => undefined);
  return committer.waiting - before;
}

test('has a bounded waiting room, from which creates are shed first, checks last, and what happened never', async () => {
  const { batches, committer } = setUp(1);
  void committer.commit(aCommand(), 'change').catch(() => undefined);
  await turn();
  expect(batches).toHaveLength(1);
  expect(await fill(committer, 'create', 1100)).toBe(1000);
  expect(await fill(committer, 'change', 600)).toBe(500);
  expect(await fill(committer, 'create', 1)).toBe(0);
  expect(await fill(committer, 'check', 600)).toBe(500);
  expect(await fill(committer, 'change', 1)).toBe(0);
  expect(await fill(committer, 'record', 100)).toBe(100);
});

test('sheds before the room is full when batches are so slow that the wait would be long', async () => {
  const { batches, committer, passMs } = setUp(10);
  for (let at = 0; at < 60; at++) {
    const slow = committer.commit(aCommand(), 'check');
    await turn();
    passMs(1000);
    answerAll(batches[at]);
    await slow;
    await turn();
  }
  void committer.commit(aCommand(), 'check').catch(() => undefined);
  await turn();
  // A batch of ten takes a second: three wait 0.3 s, beyond the 0.25 s that a check may expect.
  expect(await fill(committer, 'create', 20)).toBe(2);
  expect(await fill(committer, 'check', 20)).toBe(1);
  expect(await fill(committer, 'record', 20)).toBe(20);
});

test('settles once all that had come by then is answered, whatever comes after', async () => {
  const { batches, committer } = setUp(2);
  const answers = times(5, () => committer.commit(aCommand(), 'change'));
  let settled = false;
  const settling = committer.settled().then(() => {
    settled = true;
  });
  for (let round = 0; round < 3; round++) {
    await turn();
    if (round === 1) answers.push(committer.commit(aCommand(), 'change'), committer.commit(aCommand(), 'change'));
    expect(settled).toBe(false);
    answerAll(batches[round]);
    await turn();
  }
  await settling;
  expect(batches).toHaveLength(4);
  answerAll(batches[3]);
  await outcomesOf(answers);
});

test('settles after batches that failed, and at once when there is nothing', async () => {
  const { batches, committer } = setUp();
  await committer.settled();
  const answer = committer.commit(aCommand(), 'change');
  const settling = committer.settled();
  await turn();
  batches[0]?.fail(new Error('broken'));
  await settling;
  expect((await outcomesOf([answer]))[0]?.status).toBe('rejected');
});

test('tells those it sheds to come back after 1 to 5 seconds, and counts them by urgency', async () => {
  const { batches, committer, meter } = setUp(1);
  void committer.commit(aCommand(), 'change').catch(() => undefined);
  await turn();
  expect(batches).toHaveLength(1);
  await fill(committer, 'create', 1000);
  const shed = await outcomesOf(times(3, () => committer.commit(aCommand(), 'create')));
  const waits = shed.map((one) => (one as { reason?: { retryAfterSeconds: number } }).reason?.retryAfterSeconds);
  expect(waits).toEqual([1, 3, 5]);
  expect(meter.shed.series()).toEqual([{ labels: { urgency: 'create' }, count: 3 }]);
});

test('counts every command by its answer, and each batch by its size and time', async () => {
  const { batches, committer, meter, passMs } = setUp();
  const first = times(4, () => committer.commit(aCommand(), 'change'));
  const second = times(2, () => committer.commit(aCommand(), 'change'));
  await turn();
  passMs(30);
  batches[0]?.answer([done(), done('ended'), { kind: 'fault', detail: 'x' }, unavailable('unknown_key')]);
  await outcomesOf(first);
  await turn();
  batches[1]?.fail(new Error('gone'));
  await outcomesOf(second);
  const counted = meter.commands.series().map(({ labels, count }) => `${labels.command} ${labels.outcome} ${count}`);
  expect(counted).toEqual([
    'cancel cancelled 1',
    'cancel ended 1',
    'cancel fault 1',
    'cancel unavailable:unknown_key 1',
    'cancel unavailable:outcome_unknown 2',
  ]);
  expect(meter.commitSeconds.sum).toBeCloseTo(0.03);
  expect(meter.commitCommands.sum).toBe(6);
});

test('says once what an operator wants to hear of, and counts it', async () => {
  const { batches, committer, log, meter } = setUp();
  const answer = committer.commit(aCommand(), 'change');
  await turn();
  const notice = { kind: 'ceiling-warning', tenantId: 't1' } as const;
  batches[0]?.answer([{ kind: 'done', outcome: { kind: 'created' }, notice }]);
  await answer;
  expect(log.lines).toEqual(['warn something for an operator to hear of {"notice":"ceiling-warning","tenantId":"t1"}']);
  expect(meter.notices.series()).toEqual([{ labels: { kind: 'ceiling-warning' }, count: 1 }]);
});

const unavailable = (reason: 'unknown_key' | 'store_unavailable'): Committed => ({ kind: 'unavailable', reason });

const answers: [what: string, answer: (batch: Batch | undefined) => void, well: boolean][] = [
  ['that commits', answerAll, true],
  ['whose key is missing', (batch) => batch?.answer([unavailable('unknown_key')]), true],
  ['that the disk refuses', (batch) => batch?.answer([unavailable('store_unavailable')]), false],
  ['whose end nobody saw', (batch) => batch?.fail(new Error('gone')), false],
];

test.each(answers)('after a batch %s', async (_, answer, well) => {
  const { batches, committer } = setUp();
  const command = committer.commit(aCommand(), 'change');
  await turn();
  answer(batches[0]);
  await outcomesOf([command]);
  expect(committer.health.answers).toBe(well);
});

test('a batch under way for more than two seconds says that the store does not answer', async () => {
  const { batches, committer, passMs } = setUp();
  const command = committer.commit(aCommand(), 'change');
  await turn();
  passMs(2001);
  expect(committer.health.answers).toBe(false);
  answerAll(batches[0]);
  await command;
  expect(committer.health.answers).toBe(true);
});
