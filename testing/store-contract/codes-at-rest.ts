import { expect, test } from 'vitest';
import { sealCode } from '../../src/domain/code.ts';
import type { CreateVerification } from '../../src/engine/commands/create-verification.ts';
import {
  aCancel,
  aCheck,
  aCode,
  aCreate,
  aResend,
  aRightCheck,
  codeSent,
  freshId,
  freshNumber,
  keys,
  tenantId,
  times,
} from '../builders.ts';
import { atRest, type OpenStore, run, runBatch, stored } from './given.ts';

const long = { alphabet: 'alphanumeric', length: 10 } as const;
const canary = 'K7Q2ZXCNRY';

/** A create with a derived code of ten characters. */
const generated = () => aCreate({ requested: { code: aCode(long) } });

/** A create with a code that the caller supplied. */
function supplied(code = canary): CreateVerification {
  const id = freshId();
  const source = { tenantId, verificationId: id, generation: 1 };
  const nonce = Buffer.from(id.slice(-12), 'utf8');
  const sealed = sealCode(code, source, keys.data.keys.d1 ?? new Uint8Array(), nonce);
  return aCreate({ requested: { id, code: aCode({ ...long, keyId: 'd1', salt: undefined, sealed }) } });
}

const secretsOf = async (given: Parameters<typeof stored>[0], id: string) => {
  const { salt, sealed } = (await stored(given, id)).code;
  return { salt, sealed };
};
const gone = { salt: undefined, sealed: undefined };

type Ending = (create: CreateVerification) => readonly Parameters<typeof run>[1][];
const endings: [sentence: string, end: Ending][] = [
  ['verified', (create) => [aRightCheck(create)]],
  ['failed', ({ requested: { id } }) => times(5, () => aCheck({ verificationId: id }))],
  ['cancelled', ({ requested: { id } }) => [aCancel({ verificationId: id })]],
  ['replaced', ({ requested: { recipient } }) => [aCreate({ requested: { recipient, reference: 'other' } })]],
];

export function codeContract(open: OpenStore): void {
  test.each(endings)('keeps nothing that a code could come from once a verification is %s', async (_, end) => {
    await using given = await open();
    for (const create of [generated(), supplied()]) {
      await run(given, create);
      expect(await secretsOf(given, create.requested.id)).not.toEqual(gone);
      await runBatch(given, end(create));
      expect(await secretsOf(given, create.requested.id)).toEqual(gone);
    }
  });

  test('forgets what the codes of expired verifications come from, in batches, and of no others', async () => {
    await using given = await open();
    const expiring = times(120, (at) => (at % 2 === 0 ? generated() : supplied()));
    await runBatch(given, expiring);
    given.clock.advance(1);
    const living = generated();
    await run(given, living);
    given.clock.advance(299_998);
    expect(await given.store.maintain({ kind: 'erase-expired-codes' }, 50)).toBe(0);
    given.clock.advance(1);
    expect((await given.store.queries.counts()).verificationsWithSecret).toBe(121);
    const changed: number[] = [];
    for (let batch = 0; batch < 4; batch++)
      changed.push(await given.store.maintain({ kind: 'erase-expired-codes' }, 50));
    expect(changed).toEqual([50, 50, 20, 0]);
    for (const { requested } of expiring) expect(await secretsOf(given, requested.id)).toEqual(gone);
    expect(await given.store.queries.counts()).toMatchObject({ verificationsWithSecret: 1, secretsOverdue: 0 });
    expect(await run(given, aRightCheck(living))).toMatchObject({ kind: 'verified' });
    expect(await run(given, aRightCheck(expiring[0] ?? living))).toMatchObject({ kind: 'expired' });
  });

  test('counts the secrets that are a minute overdue', async () => {
    await using given = await open();
    await run(given, generated());
    given.clock.advance(359_999);
    await given.store.dueSends(1);
    expect((await given.store.queries.counts()).secretsOverdue).toBe(0);
    given.clock.advance(1);
    await given.store.dueSends(1);
    expect((await given.store.queries.counts()).secretsOverdue).toBe(1);
  });

  test('a check of a row that names an unknown key is answered as unavailable, and nothing is charged', async () => {
    const spare = { p9: new Uint8Array(32).fill(9) };
    const withSpare = { ...keys, pepper: { activeId: 'p1', keys: { ...keys.pepper.keys, ...spare } } };
    const withoutData = { ...keys, data: { activeId: 'd2', keys: { d2: new Uint8Array(32).fill(8) } } };
    await using given = await open({ keys: withSpare });
    const derived = aCreate({ requested: { code: aCode({ ...long, keyId: 'p9' }) } });
    for (const [create, rings] of [
      [derived, keys],
      [supplied(), withoutData],
    ] as const) {
      const { id, recipient } = create.requested;
      await given.store.useKeys(withSpare);
      await run(given, create);
      await given.store.useKeys(rings);
      const check = aCheck({ verificationId: id });
      const other = generated();
      await run(given, other);
      const [unknown, known] = await given.store.commitBatch([check, aRightCheck(other)]);
      expect(unknown).toEqual({ kind: 'unavailable', reason: 'unknown_key' });
      expect(known).toMatchObject({ kind: 'done', outcome: { kind: 'verified' } });
      expect(await stored(given, id)).toMatchObject({ status: 'pending', attemptsUsed: 0 });
      const next = aCreate({ whilePending: 'separate', requested: { recipient } });
      await run(given, next);
      expect(await run(given, aCheck({ verificationId: next.requested.id }))).toMatchObject({ attemptsLeft: 4 });
    }
  });
}

export function persistentCodeContract(open: OpenStore): void {
  test('writes no code anywhere while verifications are pending, generated or supplied', async () => {
    await using given = await open();
    const creates = [...times(20, generated), supplied()];
    await runBatch(given, creates);
    await runBatch(given, [aCheck({ verificationId: creates[0]?.requested.id ?? '', code: 'SMETHNGLSE' })]);
    given.clock.advance(30_000);
    const newCode = { keyId: 'p1', salt: 'ef'.repeat(16) };
    await run(given, aResend({ verificationId: creates[1]?.requested.id ?? '', newCode }));

    const bytes = atRest(given).bytes();
    expect(bytes.includes(creates[0]?.requested.recipient ?? 'none')).toBe(true);
    for (const code of [...creates.map(codeSent), 'SMETHNGLSE']) {
      const forms = [code, code.toLowerCase(), Buffer.from(code).toString('hex'), Buffer.from(code).toString('base64')];
      for (const form of forms) expect(bytes.includes(form)).toBe(false);
    }
    expect(codeSent(creates.at(-1) ?? generated())).toBe(canary);
  });

  test('what the codes of two rows come from is of no use exchanged', async () => {
    await using given = await open();
    const pairs = [
      [generated(), generated()],
      [supplied(), supplied('SMETHNGLSE')],
    ] as const;
    for (const [one, other] of pairs) {
      await runBatch(given, [one, other]);
      await atRest(given).swapSecrets(one.requested.id, other.requested.id);
      for (const [{ requested }, code] of [
        [one, codeSent(one)],
        [one, codeSent(other)],
        [other, codeSent(one)],
        [other, codeSent(other)],
      ] as const) {
        const [committed] = await given.store.commitBatch([aCheck({ verificationId: requested.id, code })]);
        const verified = committed?.kind === 'done' && committed.outcome.kind === 'verified';
        expect({ verified, kind: committed?.kind }).toEqual({ verified: false, kind: expect.any(String) });
        expect(await stored(given, requested.id)).toMatchObject({ status: 'pending' });
      }
    }
  });

  test('a verification outlives its key leaving the ring and coming back, and nothing is charged between', async () => {
    await using given = await open();
    const create = generated();
    await run(given, create);
    const other = { activeId: 'p2', keys: { p2: new Uint8Array(32).fill(9) } };
    await atRest(given).reopen({ keys: { ...keys, pepper: other } });
    for (const check of [aRightCheck(create), aCheck({ verificationId: create.requested.id })]) {
      expect(await given.store.commitBatch([check])).toEqual([{ kind: 'unavailable', reason: 'unknown_key' }]);
    }
    const both = { activeId: 'p2', keys: { ...other.keys, ...keys.pepper.keys } };
    await atRest(given).reopen({ keys: { ...keys, pepper: both } });
    expect(await stored(given, create.requested.id)).toMatchObject({ attemptsUsed: 0 });
    expect(await run(given, aRightCheck(create))).toMatchObject({ kind: 'verified' });
  });

  test('failures of a recipient outlive a restart', async () => {
    await using given = await open();
    const recipient = freshNumber();
    const creates = times(3, () => aCreate({ whilePending: 'separate', requested: { recipient } }));
    await runBatch(given, creates);
    const [first, second, third] = creates.map(({ requested }) => requested.id);
    for (const verificationId of [first, second]) {
      await runBatch(
        given,
        times(5, () => aCheck({ verificationId: verificationId ?? '' })),
      );
    }
    await atRest(given).reopen();
    expect(await run(given, aCheck({ verificationId: third ?? '' }))).toEqual({
      kind: 'locked',
      retryAfterSeconds: 30,
    });
  });
}
