import fc from 'fast-check';
import { expect, test } from 'vitest';
import { aSend, aVerification } from '../../testing/builders.ts';
import { startMs as NOW } from '../../testing/clock.ts';
import {
  afterTry,
  backoffAfter,
  claimed,
  dropped,
  handedBack,
  neverLeft,
  newSend,
  providerTriesMax,
  type Send,
  type TryResult,
  worthSending,
} from './send.ts';

const LATER = NOW + 1000;
const accepted: TryResult = { kind: 'accepted', providerMessageId: 'm1' };
const refused: TryResult = { kind: 'refused', reason: 'invalid-recipient' };
const unavailable: TryResult = { kind: 'unavailable', reason: 'busy' };
const unknown: TryResult = { kind: 'unknown', reason: 'timeout' };

const ended = { tryOpen: false, epoch: undefined, endedAtMs: NOW };
const again = { status: 'queued', tryOpen: false, epoch: undefined, providers: ['first', 'second'] } as const;
const handedOn = { ...again, providers: ['second'], providerTries: 0, dueAtMs: NOW } as const;
const failed = { ...ended, status: 'failed' } as const;
const last = { providers: ['first'] };
const lastTry = { tries: providerTriesMax, providerTries: providerTriesMax };

type Row = [
  sentence: string,
  given: Partial<Send>,
  result: TryResult,
  deduplicates: boolean | 'either',
  next: Partial<Send>,
];
const rows: Row[] = [
  ['accepted is submitted', {}, accepted, 'either', { ...ended, status: 'submitted', providerMessageId: 'm1' }],
  ['delivered is delivered', {}, { ...accepted, delivered: true }, 'either', { ...ended, status: 'delivered' }],
  ['refused goes to the next provider at once', {}, refused, 'either', { ...handedOn, reason: 'invalid-recipient' }],
  ['refused by the last provider has failed', last, refused, 'either', { ...failed, reason: 'invalid-recipient' }],
  [
    'unavailable waits for another try',
    {},
    unavailable,
    'either',
    { ...again, dueAtMs: LATER, possibleDuplicate: false },
  ],
  ['unavailable thrice goes to the next provider', lastTry, unavailable, 'either', { ...handedOn, reason: 'busy' }],
  ['unavailable thrice at the last one has failed', { ...last, ...lastTry }, unavailable, 'either', failed],
  [
    'unknown is tried again where that is safe',
    {},
    unknown,
    true,
    { ...again, dueAtMs: LATER, possibleDuplicate: false },
  ],
  ['unknown is remembered while that provider has it', {}, unknown, true, { uncertain: true }],
  [
    'the next provider after an unknown may repeat the message, and the mark says so',
    { uncertain: true, ...lastTry },
    unavailable,
    true,
    { ...handedOn, uncertain: false, possibleDuplicate: true },
  ],
  ['unknown thrice has failed even where it is safe', lastTry, unknown, true, { ...failed, reason: 'outcome-unknown' }],
  [
    'unknown is tried once more and marked elsewhere',
    {},
    unknown,
    false,
    { ...again, dueAtMs: LATER, possibleDuplicate: true },
  ],
  [
    'unknown a second time has failed there',
    { possibleDuplicate: true },
    unknown,
    false,
    { ...failed, reason: 'outcome-unknown' },
  ],
  [
    'the mark stays when the repetition is accepted',
    { possibleDuplicate: true },
    accepted,
    false,
    { status: 'submitted', possibleDuplicate: true },
  ],
];

test.each(rows)('%s', (_, given, result, deduplicates, next) => {
  for (const tells of deduplicates === 'either' ? [true, false] : [deduplicates]) {
    expect(afterTry(aSend(given), result, { nowMs: NOW, retryAtMs: LATER, deduplicates: tells })).toMatchObject(next);
  }
});

const anyResult = fc.constantFrom(accepted, refused, unavailable, unknown);

/** Gives every call of a send its result in turn, until it has ended. */
function callsOf(
  results: readonly TryResult[],
  deduplicates: boolean,
): { readonly calls: TryResult['kind'][]; readonly send: Send } {
  let send = aSend({ providers: ['a', 'b', 'c'] });
  const calls: TryResult['kind'][] = [];
  for (const result of results) {
    calls.push(result.kind);
    send = afterTry(send, result, { nowMs: NOW, retryAtMs: LATER, deduplicates });
    if (send.status !== 'queued') break;
    send = claimed(send, 'e1');
  }
  return { calls, send };
}

test('without deduplication at most two tries may have gone out, the second one only marked', () => {
  fc.assert(
    fc.property(fc.array(anyResult, { maxLength: 40 }), (results) => {
      const { calls, send } = callsOf(results, false);
      const perhapsSent = calls.filter((kind) => kind === 'accepted' || kind === 'unknown');
      expect(perhapsSent.length).toBeLessThanOrEqual(2);
      expect(send.possibleDuplicate).toBe(calls.includes('unknown'));
    }),
    { examples: [[[unknown, unknown, unknown]], [[unknown, refused, unknown, accepted]]] },
  );
});

test('ends after at most three tries at each of its providers, and nothing follows what was accepted', () => {
  fc.assert(
    fc.property(fc.array(anyResult, { minLength: 9, maxLength: 9 }), fc.boolean(), (results, deduplicates) => {
      const { calls, send } = callsOf(results, deduplicates);
      expect(send.status).not.toBe('queued');
      expect(calls.slice(0, -1)).not.toContain('accepted');
      expect(send.tries).toBe(calls.length);
    }),
  );
});

test.each([
  [1, 1000],
  [2, 4000],
  [3, 15_000],
  [9, 15_000],
])('waits about as long after try %i as its step says', (tries, ms) => {
  expect([0, 0.5, 1].map((jitter) => backoffAfter(tries, jitter))).toEqual([0.8 * ms, ms, 1.2 * ms].map(Math.round));
});

const worth: [sentence: string, given: Parameters<typeof aVerification>[0], is: boolean][] = [
  ['with most of its life left', {}, true],
  ['with just 10 s left of five minutes', { createdAtMs: NOW - 290_000, expiresAtMs: NOW + 10_000 }, true],
  ['not with a millisecond less', { createdAtMs: NOW - 290_000, expiresAtMs: NOW + 9999 }, false],
  ['with just a tenth left of a minute', { createdAtMs: NOW - 54_000, expiresAtMs: NOW + 6000 }, true],
  ['not with a millisecond less than a tenth', { createdAtMs: NOW - 54_001, expiresAtMs: NOW + 5999 }, false],
  ['not once verified', { status: 'verified' }, false],
  ['not once cancelled', { status: 'cancelled' }, false],
  ['not once expired', { expiresAtMs: NOW }, false],
];

test.each(worth)('a message is worth sending: %s', (_, given, is) => {
  expect(worthSending(aVerification(given), NOW)).toBe(is);
});

test('a new send that is owned from the start has begun its first try; any other has not', () => {
  const verification = aVerification({ sendsUsed: 3, channel: 'voice' });
  const owned = newSend(verification, { providers: ['first'], epoch: 'e1' }, NOW);
  expect(owned).toMatchObject({ number: 3, channel: 'voice', tries: 1, providerTries: 1, tryOpen: true, epoch: 'e1' });
  const free = newSend(verification, { providers: ['first'] }, NOW);
  expect(free).toMatchObject({ status: 'queued', tries: 0, providerTries: 0, tryOpen: false, dueAtMs: NOW });
  expect(claimed(free, 'e2')).toMatchObject({ tries: 1, providerTries: 1, tryOpen: true, epoch: 'e2' });
});

test('a dropped send belongs to nobody and says why', () => {
  expect(dropped(aSend(), NOW)).toMatchObject({ ...ended, status: 'dropped', reason: 'verification-ended' });
});

test('a send handed back before its try began is as if it had not begun', () => {
  const begun = aSend({ epoch: 'e1', tryOpen: true, tries: 3, providerTries: 3 });
  const next = handedBack(begun, NOW);
  expect(next).toMatchObject({ status: 'queued', tries: 2, providerTries: 2, tryOpen: false, dueAtMs: NOW });
  expect(next.epoch).toBeUndefined();
});

const unsent: [sentence: string, send: Partial<Send>, surely: boolean][] = [
  ['failed', { status: 'failed' }, true],
  ['was dropped when its verification ended', { status: 'dropped', reason: 'verification-ended' }, true],
  ['waits', { status: 'queued' }, false],
  ['was submitted', { status: 'submitted' }, false],
  ['went out and did not arrive', { status: 'undelivered' }, false],
  ['failed with an outcome that nobody knows', { status: 'failed', uncertain: true }, false],
  ['failed and may have gone out twice', { status: 'failed', possibleDuplicate: true }, false],
  ['goes nowhere, as its recipient is a test number', { status: 'dropped', reason: 'test-number' }, false],
];

test.each(unsent)('when a message %s, whether surely it never left', (_, send, surely) => {
  expect(neverLeft(aSend(send))).toBe(surely);
});
