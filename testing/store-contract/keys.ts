import { expect, test } from 'vitest';
import { sealCode } from '../../src/domain/code.ts';
import { type KeyRings, withActiveKey, withoutKey } from '../../src/domain/keys.ts';
import { openTestCode, sealTestCode } from '../../src/domain/test-number.ts';
import type { CreateVerification } from '../../src/engine/commands/create-verification.ts';
import type { Store } from '../../src/engine/store.ts';
import {
  aCancel,
  aCheck,
  aCode,
  aCreate,
  aResend,
  aService,
  aTenant,
  freshId,
  keys,
  tenantId,
  times,
} from '../builders.ts';
import { type OpenStore, run, runBatch, stored } from './given.ts';

export const supplied = '482913';

const next = new Uint8Array(32).fill(0xd2);
const rotated = withActiveKey(keys, 'data', 'd2', next);
const retired = withoutKey(rotated, 'data', 'd1');
const thirdTenantId = '0192f000-0000-7000-8000-00000000000c';

/** A create with a code that the caller supplied, sealed under the first data key. */
export function aSealedCreate(requested: Partial<CreateVerification['requested']> = {}): CreateVerification {
  const id = freshId();
  const key = keys.data.keys.d1 ?? new Uint8Array();
  const nonce = Buffer.from(id.slice(-12), 'utf8');
  const sealed = sealCode(supplied, { tenantId, verificationId: id, generation: 1 }, key, nonce);
  return aCreate({ requested: { id, ...requested, code: aCode({ keyId: 'd1', salt: undefined, sealed }) } });
}

/** A tenant with a service of so many test numbers, sealed under the first data key. */
export function aTenantWithTestNumbers(count: number) {
  const key = keys.data.keys.d1 ?? new Uint8Array();
  const testNumbers = times(count, (at) => {
    const recipient = `+1212555${String(at).padStart(4, '0')}`;
    const place = { tenantId: thirdTenantId, service: 'default', recipient };
    const nonce = Buffer.from(`test${String(at).padStart(8, '0')}`);
    return { recipient, keyId: 'd1', sealed: sealTestCode('000000', place, key, nonce) };
  });
  const service = aService({ tenantId: thirdTenantId, testNumbers });
  return aTenant({ tenantId: thirdTenantId, service });
}

/** The codes of that tenant's test numbers. */
export async function testCodes({ queries }: Store, rings: KeyRings): Promise<string[]> {
  const service = await queries.service(thirdTenantId, 'default');
  return (service?.testNumbers ?? []).map((number) =>
    openTestCode(number, { tenantId: thirdTenantId, service: 'default' }, rings),
  );
}

let drawn = 0;
const nonces = (count: number) =>
  times(count, () => {
    drawn += 1;
    return drawn.toString(16).padStart(24, '0');
  });

const rewrap = (store: Store, count: number) => store.maintain({ kind: 'rewrap', nonces: nonces(count) }, 500);

export function keyContract(open: OpenStore): void {
  test('counts what needs which key: codes, sealed codes, kept answers and test numbers', async () => {
    await using given = await open();
    const { queries } = given.store;
    expect(await queries.keyUsage()).toEqual({ pepper: {}, data: {}, signing: {} });
    const derived = aCreate();
    const sealed = aSealedCreate();
    const idempotency = { key: 'k', keyId: 'p1', fingerprints: { p1: 'f' } };
    await runBatch(given, [derived, sealed, aCreate({ idempotency })]);
    await run(given, aTenantWithTestNumbers(3));
    expect(await queries.keyUsage()).toEqual({ pepper: { p1: 3 }, data: { d1: 4 }, signing: {} });

    await runBatch(
      given,
      [derived, sealed].map(({ requested: { id } }) => aCancel({ verificationId: id })),
    );
    expect(await queries.keyUsage()).toEqual({ pepper: { p1: 2 }, data: { d1: 3 }, signing: {} });
  });

  test('counts neither codes that ran out and were erased, nor answers older than a day', async () => {
    await using given = await open();
    const idempotency = { key: 'k', keyId: 'p1', fingerprints: { p1: 'f' } };
    await runBatch(given, [aCreate({ idempotency }), aSealedCreate()]);
    given.clock.advance(300_000);
    await given.store.maintain({ kind: 'erase-expired-codes' }, 500);
    expect(await given.store.queries.keyUsage()).toEqual({ pepper: { p1: 1 }, data: {}, signing: {} });
    given.clock.advance(86_100_000);
    await given.store.dueSends(1);
    expect(await given.store.queries.keyUsage()).toEqual({ pepper: {}, data: {}, signing: {} });
  });

  test('counts more rows than it reads at once', async () => {
    await using given = await open();
    for (let batch = 0; batch < 9; batch++)
      await runBatch(
        given,
        times(250, () => aCreate()),
      );
    expect((await given.store.queries.keyUsage()).pepper).toEqual({ p1: 2250 });
  });

  test('new rings hold from the next batch on', async () => {
    await using given = await open();
    const create = aCreate({ requested: { code: aCode({ keyId: 'p2' }) } });
    expect(await given.store.commitBatch([create])).toEqual([{ kind: 'unavailable', reason: 'unknown_key' }]);
    await given.store.useKeys(withActiveKey(keys, 'pepper', 'p2', next));
    expect(await run(given, create)).toMatchObject({ kind: 'created' });
  });

  const unknown = { keyId: 'p9', salt: 'ab'.repeat(16) };
  test.each<[what: string, command: (create: CreateVerification) => Parameters<typeof run>[1]]>([
    ['a code', () => aCreate({ requested: { code: aCode({ keyId: 'p9' }) } })],
    ['a sealed code', () => aSealedCreateUnder('d9')],
    ['a new code', ({ requested: { id } }) => aResend({ verificationId: id, newCode: unknown })],
    ['an answer', () => aCreate({ idempotency: { key: 'k', keyId: 'p9', fingerprints: { p9: 'f' } } })],
    ['a test number', () => withTestNumberUnder('d9')],
  ])('nothing is written that needs a key nobody knows: %s', async (_, commandFor) => {
    await using given = await open();
    const create = aCreate();
    await run(given, create);
    given.clock.advance(30_000);
    const before = [await given.store.queries.counts(), await stored(given, create.requested.id)];
    const usage = await given.store.queries.keyUsage();
    const committed = await given.store.commitBatch([commandFor(create)]);
    expect(committed).toEqual([{ kind: 'unavailable', reason: 'unknown_key' }]);
    expect([await given.store.queries.counts(), await stored(given, create.requested.id)]).toEqual(before);
    expect(await given.store.queries.keyUsage()).toEqual(usage);
  });

  test('seals anew in batches whatever an older data key holds, and the older key is needed no more', async () => {
    await using given = await open();
    const creates = times(120, () => aSealedCreate());
    await runBatch(given, [...creates, aCreate()]);
    await run(given, aTenantWithTestNumbers(30));
    expect(await rewrap(given.store, 50)).toBe(0);

    await given.store.useKeys(rotated);
    const changed: number[] = [];
    for (let batch = 0; batch < 5; batch++) changed.push(await rewrap(given.store, 50));
    expect(changed).toEqual([50, 50, 50, 0, 0]);
    expect(await given.store.queries.keyUsage()).toEqual({ pepper: { p1: 1 }, data: { d2: 150 }, signing: {} });

    await given.store.useKeys(retired);
    expect(await testCodes(given.store, retired)).toEqual(times(30, () => '000000'));
    for (const { requested } of creates) {
      const check = aCheck({ verificationId: requested.id, code: supplied });
      expect(await run(given, check)).toMatchObject({ kind: 'verified' });
    }
  });

  test('seals each value anew under a nonce of its own', async () => {
    await using given = await open();
    const creates = times(40, () => aSealedCreate());
    await runBatch(given, creates);
    await run(given, aTenantWithTestNumbers(10));
    await given.store.useKeys(rotated);
    await rewrap(given.store, 500);
    const sealed = await Promise.all(
      creates.map(async ({ requested }) => (await stored(given, requested.id)).code.sealed),
    );
    const service = await given.store.queries.service(thirdTenantId, 'default');
    const all = [...sealed, ...(service?.testNumbers ?? []).map((number) => number.sealed)];
    const used = all.map((text) => Buffer.from(text ?? '', 'base64').toString('hex', 0, 12));
    expect(new Set(used).size).toBe(50);
  });

  test('a row that was in use before stays sealed anew when it is charged afterwards', async () => {
    await using given = await open();
    const create = aSealedCreate();
    const verificationId = create.requested.id;
    await run(given, create);
    await run(given, aCheck({ verificationId }));
    await given.store.useKeys(rotated);
    expect(await rewrap(given.store, 500)).toBe(1);
    await run(given, aCheck({ verificationId }));
    expect(await stored(given, verificationId)).toMatchObject({ attemptsUsed: 2, code: { keyId: 'd2' } });
    await given.store.useKeys(retired);
    expect(await run(given, aCheck({ verificationId, code: supplied }))).toMatchObject({ kind: 'verified' });
  });

  test('leaves alone what names a key that the ring lacks', async () => {
    await using given = await open();
    const create = aSealedCreate();
    await run(given, create);
    await given.store.useKeys(retired);
    expect(await rewrap(given.store, 500)).toBe(0);
    await given.store.useKeys(rotated);
    expect(await rewrap(given.store, 500)).toBe(1);
  });
}

function aSealedCreateUnder(keyId: string): CreateVerification {
  const create = aSealedCreate();
  return { ...create, requested: { ...create.requested, code: { ...create.requested.code, keyId } } };
}

function withTestNumberUnder(keyId: string) {
  const tenant = aTenantWithTestNumbers(1);
  const testNumbers = tenant.service.testNumbers.map((number) => ({ ...number, keyId }));
  return { ...tenant, service: { ...tenant.service, testNumbers } };
}

export function persistentKeyContract(open: OpenStore): void {
  test('a code moved to another row is not sealed anew', async () => {
    await using given = await open();
    const [one, other] = [aSealedCreate(), aSealedCreate()];
    await runBatch(given, [one, other]);
    if (given.atRest === undefined) throw new Error('this store keeps nothing');
    await given.atRest.swapSecrets(one.requested.id, other.requested.id);
    await given.store.useKeys(rotated);
    await expect(rewrap(given.store, 500)).rejects.toThrow();
    expect((await given.store.queries.keyUsage()).data).toEqual({ d1: 2 });
  });
}
