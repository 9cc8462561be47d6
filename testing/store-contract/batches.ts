import { expect, test } from 'vitest';
import { aCancel, aCheck, aCreate, aRightCheck, freshId, freshNumber, noLimits, times } from '../builders.ts';
import { type OpenStore, run, runAtOnce, runBatch, type StoreUnderTest, stored, tally } from './given.ts';

/** A create that the decider cannot carry out: it names no provider. */
const broken = (recipient = freshNumber()) => aCreate({ epoch: 'e1', providers: [], requested: { recipient } });

const onlyOneSend = { ...noLimits, recipientSends: [{ count: 1, seconds: 600 }] };

async function kindsOf({ store }: StoreUnderTest, commands: Parameters<typeof store.commitBatch>[0]) {
  const committed = await store.commitBatch(commands);
  return committed.map((result) => (result.kind === 'done' ? result.outcome.kind : result.kind));
}

export function batchContract(open: OpenStore): void {
  test('answers each command of a batch in its place, and lets later ones see what earlier ones wrote', async () => {
    await using given = await open();
    const create = aCreate();
    const verificationId = create.requested.id;
    const commands = [
      aRightCheck(create),
      create,
      aCheck({ verificationId }),
      aRightCheck(create),
      aRightCheck(create),
      aCancel({ verificationId }),
      aCancel({ verificationId: freshId() }),
    ];
    expect(await kindsOf(given, commands)).toEqual([
      'not-found',
      'created',
      'wrong-code',
      'verified',
      'already-verified',
      'ended',
      'not-found',
    ]);
    expect(await stored(given, verificationId)).toMatchObject({ status: 'verified', attemptsUsed: 1 });
  });

  test('a command whose rule breaks fails alone and leaves nothing behind', async () => {
    await using given = await open({ limits: onlyOneSend });
    const recipient = freshNumber();
    const creates = [aCreate(), broken(recipient), aCreate()];
    expect(await kindsOf(given, creates)).toEqual(['created', 'fault', 'created']);
    expect((await given.store.queries.counts()).verifications).toBe(2);
    expect(await run(given, aCreate({ requested: { recipient } }))).toMatchObject({ kind: 'created' });
  });

  test('a command whose rows cannot be written fails alone and leaves nothing behind', async () => {
    await using given = await open({ limits: onlyOneSend });
    const [first, last] = [aCreate(), aCreate()];
    const recipient = freshNumber();
    const twice = aCreate({ requested: { id: first.requested.id, recipient } });
    expect(await kindsOf(given, [first, twice, last])).toEqual(['created', 'fault', 'created']);
    expect(await stored(given, first.requested.id)).toMatchObject({ recipient: first.requested.recipient });
    expect(await run(given, aCreate({ requested: { recipient } }))).toMatchObject({ kind: 'created' });
    expect(await run(given, aRightCheck(last))).toMatchObject({ kind: 'verified' });
  });

  test('a fault says nothing of the code that was typed', async () => {
    await using given = await open();
    const create = aCreate();
    await run(given, create);
    const clash = { ...aCreate({ requested: { id: create.requested.id } }) };
    const [fault] = await given.store.commitBatch([clash]);
    expect(fault).toMatchObject({ kind: 'fault', detail: expect.any(String) });
    expect(JSON.stringify(fault)).not.toContain(clash.requested.code.salt);
    expect(JSON.stringify(fault)).not.toContain(clash.requested.recipient);
  });

  test('makes a batch durable with one commit', async () => {
    await using given = await open();
    await run(given, aCreate());
    const before = given.store.counters();
    await runBatch(
      given,
      times(100, () => aCreate()),
    );
    const after = given.store.counters();
    expect([after.commits - before.commits, after.commands - before.commands]).toEqual([1, 100]);
  });

  test('an empty batch is answered with nothing', async () => {
    await using given = await open();
    expect(await given.store.commitBatch([])).toEqual([]);
  });

  test('keeps batches that arrive at the same time whole', async () => {
    await using given = await open();
    const creates = times(300, () => aCreate());
    expect(tally(await runAtOnce(given, creates, 7))).toEqual({ created: 300 });
    expect(await given.store.queries.counts()).toMatchObject({ verifications: 300, sends: { queued: 300 } });
  });

  test('counts nothing when it has just been opened', async () => {
    await using given = await open();
    expect(await given.store.queries.counts()).toEqual({
      verifications: 0,
      verificationsWithSecret: 0,
      secretsOverdue: 0,
      sends: {},
    });
  });
}
