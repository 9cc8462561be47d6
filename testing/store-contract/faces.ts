import { expect, test } from 'vitest';
import { defaultLimits } from '../../src/domain/limits.ts';
import { codeSource } from '../../src/domain/verification.ts';
import type { CreateOutcome, CreateVerification } from '../../src/engine/commands/create-verification.ts';
import type { SettleSend } from '../../src/engine/commands/settle-send.ts';
import type { Snapshot } from '../../src/engine/snapshot.ts';
import {
  aCheck,
  aCreate,
  aResend,
  aRightCheck,
  codeSent,
  freshId,
  freshNumber,
  noLimits,
  readCode,
  tenantId,
  times,
} from '../builders.ts';
import { by } from './administrative.ts';
import { type OpenStore, run, runAtOnce, type StoreUnderTest, stored, storedSend, tally } from './given.ts';

/* What only vendors' faces ask for. */

const newCode = { keyId: 'p1', salt: 'ef'.repeat(16) };
const oneSend = { ...noLimits, recipientSends: [{ count: 1, seconds: 86_400 }] };
const hourMs = 3_600_000;

function dingCreate(recipient: string, given: Partial<CreateVerification> = {}, reference?: string) {
  return aCreate({ whilePending: 'resume', newCode, ...given, requested: { recipient, face: 'ding', reference } });
}

function snapshotIn(outcome: CreateOutcome | object): Snapshot {
  return (outcome as { readonly verification: Snapshot }).verification;
}

export function faceContract(open: OpenStore): void {
  test('resumes whatever the reference, with a new code that is right alone, and the same dates', async () => {
    await using given = await open();
    const create = dingCreate(freshNumber(), {}, 'first');
    const { id, recipient } = create.requested;
    const created = await run(given, create);
    given.clock.advance(30_000);
    const resumed = await run(given, dingCreate(recipient, {}, 'second'));
    const { createdAtMs, expiresAtMs } = snapshotIn(created);
    expect(resumed).toMatchObject({ kind: 'resumed', sent: true, verification: { id, createdAtMs, expiresAtMs } });
    const now = await stored(given, id);
    expect(now).toMatchObject({ reference: 'first', code: { generation: 2 }, sendsUsed: 2 });
    expect(await run(given, aRightCheck(create))).toMatchObject({ kind: 'wrong-code', attemptsLeft: 4 });
    const check = aCheck({ verificationId: id, code: readCode(codeSource(now)) });
    expect(await run(given, check)).toMatchObject({ kind: 'verified' });
  });

  test('keeps the code as it is when no message goes out with another', async () => {
    await using given = await open();
    const create = dingCreate(freshNumber());
    await run(given, create);
    expect(await run(given, dingCreate(create.requested.recipient))).toMatchObject({ kind: 'resumed', sent: false });
    expect(await run(given, aRightCheck(create))).toMatchObject({ kind: 'verified' });
  });

  test('of a hundred creates at once after the gap one sends, and one verification is there', async () => {
    await using given = await open();
    const recipient = freshNumber();
    await run(given, dingCreate(recipient));
    given.clock.advance(30_000);
    const outcomes = await runAtOnce(
      given,
      times(100, () => dingCreate(recipient)),
    );
    expect(tally(outcomes)).toEqual({ resumed: 100 });
    expect(outcomes.filter((outcome) => outcome.kind === 'resumed' && outcome.sent)).toHaveLength(1);
    expect((await given.store.queries.counts()).verifications).toBe(1);
  });

  test('replaces one of another face, and does not resume it', async () => {
    await using given = await open();
    const native = aCreate();
    await run(given, native);
    expect(await run(given, dingCreate(native.requested.recipient))).toMatchObject({ kind: 'created' });
    expect(await stored(given, native.requested.id)).toMatchObject({ status: 'cancelled' });
  });

  test('its second message travels by the first channel listed, and the last one repeats', async () => {
    await using given = await open();
    const expected = ['whatsapp', 'voice', 'voice'] as const;
    const retries = expected.slice(0, 2).map((channel) => ({ channel, providers: [`over-${channel}`] }));
    const create = dingCreate(freshNumber());
    const { id, recipient } = create.requested;
    await run(given, create);
    given.clock.advance(30_000);
    await run(given, dingCreate(recipient, { retries }));
    given.clock.advance(60_000);
    await run(given, aResend({ verificationId: id, retries }));
    given.clock.advance(120_000);
    await run(given, dingCreate(recipient, { retries }));
    for (const [at, channel] of expected.entries()) {
      expect(await storedSend(given, id, at + 2)).toMatchObject({ channel, providers: [`over-${channel}`] });
    }
    expect(await stored(given, id)).toMatchObject({ channel: expected[2] });
  });

  test('says so when the customer has to put something right, instead of resuming without a message', async () => {
    await using given = await open();
    const create = dingCreate(freshNumber());
    await run(given, create);
    given.clock.advance(30_000);
    await run(given, { kind: 'change-tenant', tenantId, by, changes: { dailySendsMax: 0 } });
    expect(await run(given, dingCreate(create.requested.recipient))).toEqual({ kind: 'ceiling-not-set' });
  });

  refusalContract(open);
  unsentContract(open);
  feedbackContract(open);
}

function refusalContract(open: OpenStore): void {
  const recording = (recipient: string, address?: string) =>
    aCreate({ whilePending: 'separate', recordsRefusals: true, address, requested: { recipient, face: 'ding' } });

  test('writes a create over a limit down, without a message or a code, and says so for good', async () => {
    await using given = await open({ limits: oneSend });
    const recipient = freshNumber();
    await run(given, recording(recipient));
    const refused = recording(recipient);
    const { id } = refused.requested;
    const outcome = { kind: 'refused', reason: 'limited', verification: { id, status: 'refused', refusal: 'limited' } };
    expect(await run(given, refused)).toMatchObject(outcome);
    const nowMs = given.clock.wallMs();
    const row = await stored(given, id);
    expect(row).toMatchObject({ status: 'refused', endedAtMs: nowMs, sendsUsed: 0, terms: { refusal: 'limited' } });
    expect([row.code.salt, row.code.sealed]).toEqual([undefined, undefined]);
    expect(await given.store.queries.sends(tenantId, id)).toEqual([]);
    expect(await run(given, aRightCheck(refused))).toMatchObject({ kind: 'refused', reason: 'limited' });
    expect(await run(given, aResend({ verificationId: id }))).toMatchObject({ kind: 'refused', reason: 'limited' });
    given.clock.advance(hourMs);
    expect(await run(given, aRightCheck(refused))).toMatchObject({ kind: 'refused' });
    expect(await stored(given, id)).toMatchObject({ attemptsUsed: 0 });
  });

  test('writes three refusals an hour down for a recipient, and answers the rest with the last of them', async () => {
    await using given = await open({ limits: oneSend });
    const recipient = freshNumber();
    await run(given, recording(recipient));
    const creates = times(20, () => recording(recipient));
    const outcomes = await runAtOnce(given, creates, 4);
    expect(tally(outcomes)).toEqual({ refused: 20 });
    const ids = outcomes.map((outcome) => snapshotIn(outcome).id);
    expect(ids.slice(2)).toEqual(times(18, () => creates[2]?.requested.id));
    expect((await given.store.queries.counts()).verifications).toBe(4);

    given.clock.advance(hourMs);
    const later = recording(recipient);
    expect(await run(given, later)).toMatchObject({ verification: { id: later.requested.id } });
    const { rows } = await given.store.queries.verifications({ tenantId, recipient, status: 'refused', limit: 10 });
    expect(rows).toHaveLength(4);
  });

  test('refuses for an end-user address as for a recipient', async () => {
    await using given = await open({ limits: { ...noLimits, addressCreates: [{ count: 1, seconds: 600 }] } });
    await run(given, recording(freshNumber(), '192.0.2.1'));
    const refused = recording(freshNumber(), '192.0.2.1');
    expect(await run(given, refused)).toMatchObject({ kind: 'refused', verification: { id: refused.requested.id } });
  });

  test('a refused one is neither resumed nor meant by a check of the recipient, and replaces none', async () => {
    await using given = await open({ limits: oneSend });
    const native = aCreate();
    const { recipient } = native.requested;
    await run(given, native);
    expect(await run(given, dingCreate(recipient, { recordsRefusals: true }))).toMatchObject({ kind: 'refused' });
    const byRecipient = { kind: 'check-recipient', tenantId, recipient, service: 'default' } as const;
    expect(await run(given, { ...byRecipient, code: codeSent(native) })).toMatchObject({ kind: 'verified' });
  });

  test('writes nothing down for those who did not ask for it', async () => {
    await using given = await open({ limits: defaultLimits });
    const recipient = freshNumber();
    const creates = times(7, () => aCreate({ whilePending: 'separate', requested: { recipient } }));
    expect(tally(await runAtOnce(given, creates))).toEqual({ created: 5, limited: 2 });
    expect((await given.store.queries.counts()).verifications).toBe(5);
  });
}

function unsentContract(open: OpenStore): void {
  const followed = { followed: true, sendsMax: 4 } as const;
  const failing = async (given: StoreUnderTest, terms: typeof followed | undefined, result: SettleSend['result']) => {
    const create = aCreate({ epoch: 'e1', whilePending: 'resume', requested: { face: 'ding', terms } });
    await run(given, create);
    const settle = { kind: 'settle-send', tenantId, epoch: 'e1', tries: 1, backoffMs: 0, deduplicates: false } as const;
    await run(given, { ...settle, key: { verificationId: create.requested.id, number: 1 }, result });
    return create;
  };
  const refused = { kind: 'refused', reason: 'unknown-number' } as const;

  test('says that no message went out, looks at no code, and asks for another create', async () => {
    await using given = await open();
    const create = await failing(given, followed, refused);
    const verificationId = create.requested.id;
    expect(await run(given, aRightCheck(create))).toMatchObject({
      kind: 'unsent',
      verification: { status: 'pending' },
    });
    expect(await run(given, aCheck({ verificationId, face: 'other' }))).toEqual({ kind: 'not-found' });
    given.clock.advance(30_000);
    expect(await run(given, aResend({ verificationId }))).toMatchObject({ kind: 'unsent' });
    expect(await stored(given, verificationId)).toMatchObject({ attemptsUsed: 0, sendsUsed: 1 });

    const again = dingCreate(create.requested.recipient, { newCode: undefined });
    expect(await run(given, again)).toMatchObject({ kind: 'resumed', sent: true });
    expect(await run(given, aRightCheck(create))).toMatchObject({ kind: 'verified' });
  });

  test('a check of one whose message did not go out may come again with its key once another did', async () => {
    await using given = await open();
    const create = await failing(given, followed, refused);
    const idempotency = { key: 'k', keyId: 'p1', fingerprints: { p1: 'f' } };
    const check = { ...aRightCheck(create), idempotency };
    expect(await run(given, check)).toMatchObject({ kind: 'unsent' });
    given.clock.advance(30_000);
    await run(given, dingCreate(create.requested.recipient, { newCode: undefined }));
    expect(await run(given, check)).toMatchObject({ kind: 'verified' });
    expect(await run(given, check)).toMatchObject({ kind: 'replayed', outcome: { kind: 'verified' } });
  });

  test('says that its time is over, when it is, whether or not a message went out', async () => {
    await using given = await open();
    const create = await failing(given, followed, refused);
    given.clock.advance(300_000);
    expect(await run(given, aRightCheck(create))).toMatchObject({ kind: 'expired' });
    const resend = aResend({ verificationId: create.requested.id });
    expect(await run(given, resend)).toMatchObject({ kind: 'ended', status: 'expired' });
  });

  test.each([
    ['one that nobody follows', undefined, refused],
    ['one that was accepted', followed, { kind: 'accepted' }],
    ['one that may have been accepted', followed, { kind: 'unknown', reason: 'timeout' }],
    ['one that is tried again', followed, { kind: 'unavailable', reason: 'busy' }],
  ] as const)('looks at the code of %s', async (_, terms, result) => {
    await using given = await open();
    expect(await run(given, aRightCheck(await failing(given, terms, result)))).toMatchObject({ kind: 'verified' });
  });

  test('notes how long each typed code was, of those that are followed', async () => {
    await using given = await open();
    const create = aCreate({ requested: { terms: followed } });
    const verificationId = create.requested.id;
    await run(given, create);
    await run(given, aCheck({ verificationId, code: 'ab💥' }));
    await run(given, aCheck({ verificationId, code: 'x'.repeat(5000) }));
    await run(given, aRightCheck(create));
    const time = given.clock.wallMs().toString(36).toUpperCase();
    expect((await stored(given, verificationId)).timeline).toBe(`c${time}w${time}.3w${time}.64v${time}.6`);
  });
}

function feedbackContract(open: OpenStore): void {
  const feedback = (recipient: string, value: 'onboarded' | 'not-onboarded') =>
    ({ kind: 'record-feedback', tenantId, recipient, id: freshId(), value }) as const;

  test('keeps what the tenant says of a person once, and the newer of two words', async () => {
    await using given = await open();
    const create = aCreate();
    const { recipient } = create.requested;
    const first = feedback(recipient, 'onboarded');
    expect(await run(given, first)).toEqual({ kind: 'no-verification' });
    await run(given, create);
    expect(await run(given, first)).toEqual({ kind: 'recorded', id: first.id });
    expect(await run(given, feedback(recipient, 'onboarded'))).toEqual({ kind: 'duplicate' });
    const other = feedback(recipient, 'not-onboarded');
    expect(await run(given, other)).toEqual({ kind: 'recorded', id: other.id });
    expect(
      tally(
        await runAtOnce(
          given,
          times(20, () => feedback(recipient, 'onboarded')),
        ),
      ),
    ).toEqual({
      recorded: 1,
      duplicate: 19,
    });
    // Whatever else changes on the recipient, it stays.
    await run(given, aRightCheck(create));
    expect(await run(given, feedback(recipient, 'onboarded'))).toEqual({ kind: 'duplicate' });
  });

  test('and refused requests of one person do not push each other out', async () => {
    await using given = await open({ limits: oneSend });
    const recipient = freshNumber();
    const request = () => aCreate({ whilePending: 'separate', recordsRefusals: true, requested: { recipient } });
    await run(given, request());
    const ids = async (count: number) => {
      const outcomes = await runAtOnce(given, times(count, request));
      return outcomes.map((outcome) => snapshotIn(outcome).id);
    };
    const [, second] = await ids(2);
    await run(given, feedback(recipient, 'onboarded'));
    const [third, fourth] = await ids(2);
    expect(third).not.toBe(second);
    expect(fourth).toBe(third);
    expect(await run(given, feedback(recipient, 'onboarded'))).toEqual({ kind: 'duplicate' });
  });

  test('is forgotten with the person', async () => {
    await using given = await open();
    const create = aCreate();
    const { recipient } = create.requested;
    await run(given, create);
    await run(given, feedback(recipient, 'onboarded'));
    await given.store.maintain({ kind: 'erase-recipient', tenantId, recipient }, 500);
    expect(await run(given, feedback(recipient, 'onboarded'))).toEqual({ kind: 'no-verification' });
  });
}
