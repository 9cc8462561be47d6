import { expect, test, vi } from 'vitest';
import { otherTenantId, tenantId } from '../../testing/builders.ts';
import { openEngine, scripted } from '../../testing/engine.ts';
import { withActiveKey } from '../domain/keys.ts';
import type { Caller } from './caller.ts';
import { lengthForAlone, liveCodesMost } from './code-lookup.ts';

const caller: Caller = { tenantId, face: 'smsworks', seesAllFaces: false };
const wishes = { byCodeAlone: true, ownRanges: true, whilePending: 'separate', terms: { showsCode: true } } as const;

const lengths: [live: number, least: number, length: number][] = [
  [0, 0, 6],
  [0, 8, 8],
  [90, 0, 6],
  [91, 0, 7],
  [901, 0, 8],
  [9_001, 0, 9],
  [90_001, 0, 10],
  [1e9, 0, 10],
];

test.each(lengths)(
  'with %i codes live and at least %i digits wanted, a code has %i digits',
  async (live, least, length) => {
    const asked: number[] = [];
    const countLive = async (most: number) => {
      asked.push(most);
      return Math.min(live, most);
    };
    expect(await lengthForAlone(least, countLive)).toBe(length);
    // Never counts further than it has to.
    expect(Math.max(...asked)).toBeLessThanOrEqual(liveCodesMost(Math.min(length, 9)) + 1);
  },
);

test('a code is checked by itself, shown while its day lasts, and to its own face alone', async () => {
  const provider = scripted('first', ['accepted']);
  await using given = await openEngine({ providers: [provider] });
  const { outcome } = await given.engine.createVerification(caller, { recipient: '+33612345678', wishes });
  if (outcome.kind !== 'created') throw new Error(outcome.kind);
  const { id } = outcome.verification;
  await given.delivery.close();
  const code = provider.calls[0]?.code ?? '';
  expect(code).toMatch(/^[1-9][0-9]{5}$/);
  expect(await given.engine.shownCode(caller, id)).toBeUndefined();

  given.keys.use(withActiveKey(given.keys.current(), 'pepper', 'p2', new Uint8Array(32).fill(9)));
  expect(await given.engine.checkCode({ ...caller, tenantId: otherTenantId }, { code })).toEqual({ kind: 'not-found' });
  expect(await given.engine.checkCode(caller, { code })).toMatchObject({ kind: 'verified', verification: { id } });
  expect(await given.engine.checkCode(caller, { code })).toEqual({ kind: 'not-found' });

  expect(await given.engine.shownCode(caller, id)).toBe(code);
  expect(await given.engine.shownCode({ ...caller, face: 'ding' }, id)).toBeUndefined();
  expect(await given.engine.shownCode({ ...caller, tenantId: otherTenantId }, id)).toBeUndefined();
  given.clock.advance(86_400_000);
  expect(await given.engine.shownCode(caller, id)).toBeUndefined();
});

test('a create whose code is taken comes again with seven more, and answers as if it had been the first', async () => {
  const provider = scripted('first', ['accepted']);
  await using given = await openEngine({ providers: [provider] });
  const commit = vi.spyOn(given.committer, 'commit').mockResolvedValueOnce({ outcome: { kind: 'code-taken' } });
  const request = { recipient: '+33612345678', codeLength: 7, idempotencyKey: 'once', wishes };
  const { outcome, replayed } = await given.engine.createVerification(caller, request);
  const creates = commit.mock.calls.flatMap(([command]) => (command.kind === 'create' ? [command] : []));
  const [first, second] = creates.map(({ lookup }) => lookup);
  expect([first?.hasMore, first?.candidates.length]).toEqual([true, 1]);
  expect(second?.candidates[0]).toEqual(first?.candidates[0]);
  expect(second?.candidates.map(({ length }) => length)).toEqual([7, 7, 7, 7, 7, 7, 9, 9]);
  expect(creates[1]).toEqual({ ...creates[0], lookup: second });
  expect([outcome.kind, replayed]).toEqual(['created', false]);
  expect(await given.engine.createVerification(caller, request)).toEqual({ outcome, replayed: true });
  await given.delivery.close();
  expect(provider.calls.map(({ code }) => code)).toEqual([expect.stringMatching(/^[1-9][0-9]{6}$/)]);
});

test("the caller's own code is sent and checked as it is spelt, and never shown", async () => {
  const provider = scripted('first', ['accepted']);
  await using given = await openEngine({ providers: [provider] });
  const code = 'Secret99abcdefghijkl';
  const { outcome } = await given.engine.createVerification(caller, { recipient: '+33612345678', code, wishes });
  if (outcome.kind !== 'created') throw new Error(outcome.kind);
  await given.delivery.close();
  expect(provider.calls[0]?.code).toBe(code);
  expect(await given.engine.checkCode(caller, { code: code.toLowerCase() })).toEqual({ kind: 'not-found' });
  expect(await given.engine.checkCode(caller, { code })).toMatchObject({ kind: 'verified' });
  expect(await given.engine.shownCode(caller, outcome.verification.id)).toBeUndefined();
});
