import { expect, test } from 'vitest';
import { digest } from '../../src/domain/bytes.ts';
import { type CodeSource, sealCode } from '../../src/domain/code.ts';
import { codeTag } from '../../src/domain/code-tag.ts';
import { type KeyRings, keyOf, withActiveKey } from '../../src/domain/keys.ts';
import { codeSource } from '../../src/domain/verification.ts';
import { lookupFor, widerLookup } from '../../src/engine/code-lookup.ts';
import type { CheckCode } from '../../src/engine/commands/check-code.ts';
import type { CreateVerification, RequestedVerification } from '../../src/engine/commands/create-verification.ts';
import type { Command } from '../../src/engine/deciders.ts';
import { aCheck, aCreate, freshId, freshNumber, keys, otherTenantId, readCode, tenantId, times } from '../builders.ts';
import { type OpenStore, run, runAtOnce, runBatch, type StoreUnderTest, stored, tally } from './given.ts';

const day = 86_400_000;
const never = '000000';

/** A create whose verification is found by its code alone. */
function findable(requested: Partial<RequestedVerification> = {}, rings: KeyRings = keys): CreateVerification {
  const id = freshId();
  const salt = digest(id).toString('hex', 0, 16);
  const generated = { generation: 1, keyId: rings.pepper.activeId, alphabet: 'natural', length: 6, salt } as const;
  const code = requested.code ?? generated;
  const tenant = requested.tenantId ?? tenantId;
  const source: CodeSource = { tenantId: tenant, verificationId: id, ...code };
  const fields = { face: 'smsworks', terms: { showsCode: true }, ...requested, id, code } as const;
  return aCreate({
    tenantId: tenant,
    whilePending: 'separate',
    requested: fields,
    lookup: lookupFor(source, rings),
  });
}

/** The same with a code that the caller chose. */
function supplied(code: string, requested: Partial<RequestedVerification> = {}): CreateVerification {
  const create = findable(requested);
  const { id } = create.requested;
  const place = { tenantId: create.tenantId, verificationId: id, generation: 1 };
  const sealed = sealCode(code, place, keyOf(keys, 'data', 'd1'), Buffer.alloc(12, 7));
  const source = { generation: 1, keyId: 'd1', alphabet: 'alphanumeric', length: code.length, sealed } as const;
  const lookup = lookupFor({ ...place, ...source }, keys);
  return { ...create, requested: { ...create.requested, code: source }, lookup };
}

function byCode(code: string, given: Partial<CheckCode> = {}, rings: KeyRings = keys): CheckCode {
  const tenant = given.tenantId ?? tenantId;
  const tags = Object.values(rings.pepper.keys).map((key) => codeTag(key, tenant, code));
  return { kind: 'check-code', tenantId: tenant, code, tags, face: 'smsworks', ...given };
}

async function codeOf(given: StoreUnderTest, { requested: { id } }: CreateVerification): Promise<string> {
  return readCode({ tenantId, verificationId: id, ...(await stored(given, id)).code });
}

export function codeLookupContract(open: OpenStore): void {
  test('finds a verification by its code alone, once', async () => {
    await using given = await open();
    const create = findable();
    await run(given, create);
    const code = await codeOf(given, create);
    expect(code).toMatch(/^[1-9][0-9]{5}$/);
    const verification = { id: create.requested.id, status: 'verified' };
    expect(await run(given, byCode(code))).toMatchObject({ kind: 'verified', verification });
    expect(await run(given, byCode(code))).toEqual({ kind: 'not-found' });
  });

  test('lets exactly one of fifty right codes at once succeed', async () => {
    await using given = await open();
    const create = findable();
    await run(given, create);
    const code = await codeOf(given, create);
    const checks = times(50, () => byCode(code));
    expect(tally(await runAtOnce(given, checks))).toEqual({ verified: 1, 'not-found': 49 });
  });

  test('of a code that a caller gave twice, the newest live one counts; then the one before; then none', async () => {
    await using given = await open();
    const [older, newer] = [supplied('Secret99'), supplied('Secret99')];
    await run(given, older);
    await run(given, newer);
    for (const { requested } of [newer, older]) {
      expect(await run(given, byCode('Secret99'))).toMatchObject({ verification: { id: requested.id } });
    }
    expect(await run(given, byCode('Secret99'))).toEqual({ kind: 'not-found' });
  });

  test('a live one comes before a newer one that ran out; of those that ran out the newest', async () => {
    await using given = await open();
    const live = supplied('Secret99', { ttlSeconds: 600 });
    const gone = times(2, () => supplied('Secret99', { ttlSeconds: 60 }));
    for (const create of [live, ...gone]) await run(given, create);
    given.clock.advance(60_000);
    expect(await run(given, byCode('Secret99'))).toMatchObject({ verification: { id: live.requested.id } });
    const newest = { id: gone[1]?.requested.id, status: 'expired' };
    const expired = { kind: 'expired', noticed: true, verification: newest };
    expect(await run(given, byCode('Secret99'))).toMatchObject(expired);
    expect(await run(given, byCode('Secret99'))).toMatchObject({ ...expired, noticed: false });
  });

  test.each(['secret99', 'SECRET99', 'Secret99 ', 'Secret-99'])(
    'compares as it is spelt: %j is not Secret99',
    async (typed) => {
      await using given = await open();
      await run(given, supplied('Secret99'));
      expect(await run(given, byCode(typed))).toEqual({ kind: 'not-found' });
    },
  );

  test('no two live verifications of a tenant have one generated code; a longer one is left when all are taken', async () => {
    await using given = await open();
    const { requested } = findable();
    const lookup = widerLookup(codeSource(requested), keys);
    expect(lookup.candidates.map(({ length }) => length)).toEqual([6, 6, 6, 6, 6, 6, 8, 8]);
    const chosen: [generation: number, length: number][] = [];
    for (let made = 0; made < 8; made++) {
      const create = made === 0 ? { ...findable(requested), lookup } : { ...findable(), lookup };
      await run(given, create);
      const { code } = await stored(given, create.requested.id);
      chosen.push([code.generation, code.length]);
    }
    expect(chosen).toEqual(times(8, (index) => [index + 1, index < 6 ? 6 : 8]));

    given.clock.advance(300_000);
    const after = { ...findable(), lookup };
    await run(given, after);
    expect((await stored(given, after.requested.id)).code.generation).toBe(1);
  });

  test('a create whose only code is taken comes to nothing, until it comes again with more', async () => {
    await using given = await open();
    const first = findable();
    await run(given, first);
    const second = { ...findable(), lookup: first.lookup };
    const { id } = second.requested;
    expect(await runAtOnce(given, [second, second])).toEqual(times(2, () => ({ kind: 'code-taken' })));
    expect(await given.store.queries.verification(tenantId, id)).toBeUndefined();
    expect((await given.store.queries.counts()).sends).toEqual({ queued: 1 });

    const lookup = widerLookup(codeSource(first.requested), keys);
    expect(lookup.candidates[0]).toEqual(first.lookup?.candidates[0]);
    expect(await run(given, { ...second, lookup })).toMatchObject({ kind: 'created', verification: { id } });
    expect((await stored(given, id)).code).toMatchObject({ generation: 2, length: 6 });
  });

  test('within one commit, each command finds what the one before it left', async () => {
    await using given = await open();
    const [first, again] = [supplied('Secret99'), supplied('Secret99')];
    const [code, other] = [byCode('Secret99'), byCode('Other999')];
    const outcomes = await runBatch<Command>(given, [code, first, code, code, again, other, code, code]);
    const kinds = ['not-found', 'created', 'verified', 'not-found', 'created', 'not-found', 'verified', 'not-found'];
    expect(outcomes.map(({ kind }) => kind)).toEqual(kinds);

    const generated = findable();
    const right = byCode(readCode(codeSource(generated.requested)));
    const next = { ...findable(), lookup: generated.lookup };
    const freed = await runBatch<Command>(given, [generated, next, right, next]);
    expect(freed.map(({ kind }) => kind)).toEqual(['created', 'code-taken', 'verified', 'created']);
  });

  test('an id and a recipient narrow the search, and lead to nothing else', async () => {
    await using given = await open();
    const recipient = freshNumber();
    const [older, newer] = [supplied('Secret99', { recipient }), supplied('Secret99')];
    for (const create of [older, newer]) await run(given, create);
    const wrong = [{ verificationId: freshId() }, { recipient: freshNumber() }];
    for (const narrowed of wrong) {
      expect(await run(given, byCode('Secret99', narrowed))).toEqual({ kind: 'not-found' });
    }
    const { id } = older.requested;
    const both = { verificationId: id, recipient };
    expect(await run(given, byCode('Other999', both))).toEqual({ kind: 'not-found' });
    expect(await run(given, byCode('Secret99', { recipient }))).toMatchObject({ verification: { id } });
    const rest = { verificationId: newer.requested.id };
    expect(await run(given, byCode('Secret99', rest))).toMatchObject({ kind: 'verified' });
  });

  test('finds nothing of another tenant, of another face, or that was created otherwise', async () => {
    await using given = await open();
    const plain = aCreate({ requested: { face: 'smsworks' } });
    for (const create of [
      supplied('Secret99', { tenantId: otherTenantId }),
      supplied('Native99', { face: 'native' }),
      plain,
    ])
      await run(given, create);
    for (const code of ['Secret99', 'Native99', await codeOf(given, plain)]) {
      expect(await run(given, byCode(code))).toEqual({ kind: 'not-found' });
    }
    expect(await run(given, byCode('Native99', { face: undefined }))).toMatchObject({ kind: 'verified' });
  });

  test('after a rotation of the pepper, codes of the older key are found, and so are new ones', async () => {
    await using given = await open();
    const older = findable();
    await run(given, older);
    const rings = withActiveKey(keys, 'pepper', 'p2', new Uint8Array(32).fill(9));
    await given.store.useKeys(rings);
    const newer = findable({}, rings);
    await run(given, newer);
    expect((await given.store.queries.keyUsage()).pepper).toEqual({ p1: 2, p2: 2 });
    for (const { requested } of [older, newer]) {
      const { code } = await stored(given, requested.id);
      const typed = readCode({ tenantId, verificationId: requested.id, ...code }, rings);
      expect(await run(given, byCode(typed, {}, rings))).toMatchObject({ verification: { id: requested.id } });
    }
  });

  test('lets a hundred wrong codes of a thousand at once through, and no right one after them', async () => {
    await using given = await open();
    const create = findable({ ttlSeconds: 3600 });
    await run(given, create);
    const code = await codeOf(given, create);
    const guesses = times(1000, () => byCode(never));
    expect(tally(await runAtOnce(given, guesses, 50))).toEqual({ 'not-found': 100, limited: 900 });
    expect(await run(given, byCode(code))).toMatchObject({ kind: 'limited', retryAfterSeconds: expect.any(Number) });
    expect(await run(given, byCode(never, { tenantId: otherTenantId }))).toEqual({ kind: 'not-found' });

    given.clock.advance(60_000);
    expect(await run(given, byCode(code))).toMatchObject({ kind: 'verified' });
    // What was right takes nothing back.
    expect(tally(await runAtOnce(given, guesses, 50))).toEqual({ 'not-found': 10, limited: 990 });
  });

  test('counts wrong codes of one commit, of several, and of those before it was opened again together', async () => {
    await using given = await open();
    const guesses = (count: number) => times(count, () => byCode(never));
    expect(tally(await runBatch(given, guesses(40)))).toEqual({ 'not-found': 40 });
    expect(tally(await runAtOnce(given, guesses(40), 8))).toEqual({ 'not-found': 40 });
    await given.atRest?.reopen();
    expect(tally(await runBatch(given, guesses(40)))).toEqual({ 'not-found': 20, limited: 20 });
  });

  test('lets three wrong codes for each code sent through', async () => {
    await using given = await open();
    for (let sent = 0; sent < 40; sent++) await run(given, findable());
    const guesses = times(200, () => byCode(never));
    expect(tally(await runAtOnce(given, guesses, 50))).toEqual({ 'not-found': 120, limited: 80 });
  });

  test('a recipient that has to wait is told so, and the wait is not counted as a guess', async () => {
    await using given = await open();
    const recipient = freshNumber();
    for (let round = 0; round < 2; round++) {
      const failed = aCreate({ requested: { recipient } });
      await run(given, failed);
      for (let tried = 0; tried < 5; tried++) await run(given, aCheck({ verificationId: failed.requested.id }));
    }
    const create = findable({ recipient });
    await run(given, create);
    const code = await codeOf(given, create);
    expect(await run(given, byCode(code))).toEqual({ kind: 'locked', retryAfterSeconds: 30 });
    given.clock.advance(30_000);
    expect(await run(given, byCode(code))).toMatchObject({ kind: 'verified' });
  });

  test('a generated code that was right can be shown for a day, although its verification holds nothing of it', async () => {
    await using given = await open();
    const create = findable();
    await run(given, create);
    const { id } = create.requested;
    const { salt } = create.requested.code;
    const shown = () => given.store.queries.shownCode(tenantId, id);
    expect(await shown()).toBeUndefined();
    await run(given, byCode(await codeOf(given, create)));
    expect((await stored(given, id)).code.salt).toBeUndefined();
    expect(await shown()).toEqual({ keyId: 'p1', salt });
    expect(await given.store.queries.shownCode(otherTenantId, id)).toBeUndefined();

    given.clock.advance(day - 1);
    expect(await given.store.maintain({ kind: 'purge-code-tags' }, 10)).toBe(0);
    expect(await shown()).toEqual({ keyId: 'p1', salt });
    given.clock.advance(1);
    expect(await shown()).toBeUndefined();
    expect(await given.store.maintain({ kind: 'purge-code-tags' }, 10)).toBe(1);
    expect((await given.store.queries.keyUsage()).pepper).toEqual({});
  });

  test('it can be shown however it was checked; one that the caller chose cannot', async () => {
    await using given = await open();
    const [generated, chosen] = [findable(), supplied('Secret99')];
    for (const create of [generated, chosen]) await run(given, create);
    const { id } = generated.requested;
    await run(given, aCheck({ verificationId: id, code: await codeOf(given, generated) }));
    await run(given, byCode('Secret99'));
    expect(await given.store.queries.shownCode(tenantId, id)).toBeDefined();
    expect(await given.store.queries.shownCode(tenantId, chosen.requested.id)).toBeUndefined();
  });

  test('one that ran out is found as such for a day, and then no more', async () => {
    await using given = await open();
    const create = findable();
    await run(given, create);
    const code = await codeOf(given, create);
    given.clock.advance(300_000 + day - 1);
    expect(await given.store.maintain({ kind: 'erase-expired-codes' }, 10)).toBe(1);
    expect(await given.store.maintain({ kind: 'purge-code-tags' }, 10)).toBe(0);
    expect(await run(given, byCode(code))).toMatchObject({
      kind: 'expired',
      verification: { id: create.requested.id },
    });
    given.clock.advance(1);
    expect(await given.store.maintain({ kind: 'purge-code-tags' }, 10)).toBe(1);
    expect(await run(given, byCode(code))).toEqual({ kind: 'not-found' });
  });

  test('counts live codes, up to as many as it is asked for', async () => {
    await using given = await open();
    const creates = times(5, () => findable());
    for (const create of creates) await run(given, create);
    const live = (most: number) => given.store.queries.liveCodes(tenantId, most);
    expect(await Promise.all([live(3), live(100), given.store.queries.liveCodes(otherTenantId, 9)])).toEqual([3, 5, 0]);
    await run(given, byCode(await codeOf(given, creates[0] ?? findable())));
    expect(await live(100)).toBe(4);
    given.clock.advance(300_000);
    expect(await live(100)).toBe(0);
  });

  test('a person who is forgotten is found by no code', async () => {
    await using given = await open();
    const recipient = freshNumber();
    const [pending, right] = [supplied('Secret99', { recipient }), findable({ recipient })];
    for (const create of [pending, right]) await run(given, create);
    await run(given, byCode(await codeOf(given, right)));
    while ((await given.store.maintain({ kind: 'erase-recipient', tenantId, recipient }, 10)) > 0);
    expect(await run(given, byCode('Secret99'))).toEqual({ kind: 'not-found' });
    expect(await given.store.queries.shownCode(tenantId, right.requested.id)).toBeUndefined();
    expect((await given.store.queries.keyUsage()).pepper).toEqual({});
  });
}
