import { expect, test } from 'vitest';
import { defaultLimits } from '../../src/domain/limits.ts';
import type { Command } from '../../src/engine/deciders.ts';
import type { Idempotency } from '../../src/engine/idempotency.ts';
import { aCancel, aCheck, aCreate, aResend, aRightCheck, freshNumber, otherTenantId, times } from '../builders.ts';
import { another, failing } from './checks.ts';
import { atRest, type OpenStore, run, runAtOnce, stored, tally } from './given.ts';

const named = (key: string, fingerprint = 'f'): Idempotency => ({
  key,
  keyId: 'p1',
  fingerprints: { p1: fingerprint },
});
const idempotency = named('k');

const repeated: [what: string, command: (create: ReturnType<typeof aCreate>) => Command, kind: string][] = [
  ['a right check', (create) => ({ ...aRightCheck(create), idempotency }), 'verified'],
  ['a wrong check', ({ requested: { id } }) => aCheck({ verificationId: id, idempotency }), 'wrong-code'],
  ['another message', ({ requested: { id } }) => aResend({ verificationId: id, idempotency }), 'sent'],
  ['a cancel', ({ requested: { id } }) => aCancel({ verificationId: id, idempotency }), 'cancelled'],
];

export function idempotencyContract(open: OpenStore): void {
  test('a create that comes fifty times with one key is done once, and answered alike', async () => {
    await using given = await open();
    const recipient = freshNumber();
    const creates = times(50, () => aCreate({ idempotency, whilePending: 'separate', requested: { recipient } }));
    const outcomes = await runAtOnce(given, creates);
    expect(tally(outcomes)).toEqual({ created: 1, replayed: 49 });
    const first = outcomes.find(({ kind }) => kind === 'created');
    for (const outcome of outcomes) {
      if (outcome.kind === 'replayed')
        expect(outcome).toEqual({ kind: 'replayed', outcome: JSON.parse(JSON.stringify(first)) });
    }
    const { verifications, sends } = await given.store.queries.counts();
    expect([verifications, sends]).toEqual([1, { queued: 1 }]);
  });

  test.each(repeated)('%s that is repeated with its key changes nothing more', async (_, commandFor, kind) => {
    await using given = await open();
    const create = aCreate();
    const { id } = create.requested;
    await run(given, create);
    given.clock.advance(30_000);
    const command = commandFor(create);
    const first = await run(given, command);
    expect(first.kind).toBe(kind);
    const before = [await stored(given, id), await given.store.queries.counts()];
    given.clock.advance(60_000);
    expect(await run(given, command)).toEqual({ kind: 'replayed', outcome: JSON.parse(JSON.stringify(first)) });
    expect([await stored(given, id), await given.store.queries.counts()]).toEqual(before);
  });

  test('another request with the same key is refused and does nothing', async () => {
    await using given = await open();
    const create = aCreate();
    const verificationId = create.requested.id;
    await run(given, create);
    await run(given, aCheck({ verificationId, idempotency: named('k', 'one') }));
    const other = aCheck({ verificationId, idempotency: named('k', 'other') });
    expect(await run(given, other)).toEqual({ kind: 'idempotency-mismatch' });
    expect(await stored(given, verificationId)).toMatchObject({ attemptsUsed: 1 });
  });

  test('the same key of another tenant is another key', async () => {
    await using given = await open();
    expect(await run(given, aCreate({ idempotency }))).toMatchObject({ kind: 'created' });
    expect(await run(given, aCreate({ idempotency, tenantId: otherTenantId }))).toMatchObject({ kind: 'created' });
  });

  test('a refusal for a limit is not kept: the same request is done once the window has passed', async () => {
    await using given = await open({ limits: { ...defaultLimits, recipientSends: [{ count: 1, seconds: 600 }] } });
    const recipient = freshNumber();
    const create = () => aCreate({ idempotency, whilePending: 'separate', requested: { recipient } });
    await run(given, aCreate({ requested: { recipient } }));
    expect(await run(given, create())).toMatchObject({ kind: 'limited' });
    given.clock.advance(600_000);
    expect(await run(given, create())).toMatchObject({ kind: 'created' });
    expect(await run(given, create())).toMatchObject({ kind: 'replayed' });
  });

  test('a refusal to check yet is not kept', async () => {
    await using given = await open();
    const recipient = freshNumber();
    await failing(given, recipient, 10);
    const check = { ...aRightCheck(await another(given, recipient)), idempotency };
    expect(await run(given, check)).toMatchObject({ kind: 'locked' });
    given.clock.advance(30_000);
    expect(await run(given, check)).toMatchObject({ kind: 'verified' });
  });

  test('a refusal to send yet is not kept', async () => {
    await using given = await open();
    const create = aCreate();
    await run(given, create);
    const resend = aResend({ verificationId: create.requested.id, idempotency });
    expect(await run(given, resend)).toMatchObject({ kind: 'too-soon' });
    given.clock.advance(30_000);
    expect(await run(given, resend)).toMatchObject({ kind: 'sent' });
  });

  test('keeps answers for a day, and forgets them in batches', async () => {
    await using given = await open();
    const creates = times(120, (at) => aCreate({ idempotency: named(`k${at}`) }));
    await runAtOnce(given, creates, 60);
    given.clock.advance(86_399_999);
    expect(await given.store.maintain({ kind: 'purge-idempotency' }, 50)).toBe(0);
    expect(await run(given, creates[7] ?? aCreate())).toMatchObject({ kind: 'replayed' });
    given.clock.advance(1);
    const purged: number[] = [];
    for (let batch = 0; batch < 4; batch++) purged.push(await given.store.maintain({ kind: 'purge-idempotency' }, 50));
    expect(purged).toEqual([50, 50, 20, 0]);
    expect(await run(given, aCreate({ idempotency: named('k7') }))).toMatchObject({ kind: 'created' });
  });
}

export function persistentIdempotencyContract(open: OpenStore): void {
  test('a right check whose answer was lost in a restart is answered with its success, once more and no more', async () => {
    await using given = await open();
    const create = aCreate();
    await run(given, create);
    const check = { ...aRightCheck(create), idempotency };
    expect(await run(given, check)).toMatchObject({ kind: 'verified' });
    await atRest(given).reopen({ epoch: 'e2' });
    expect(await run(given, check)).toMatchObject({ kind: 'replayed', outcome: { kind: 'verified' } });
    expect(await run(given, aRightCheck(create))).toMatchObject({ kind: 'already-verified' });
  });
}
