import { expect, test } from 'vitest';
import type { Command } from '../../src/engine/deciders.ts';
import {
  aCancel,
  aCheck,
  aCreate,
  aResend,
  aRightCheck,
  aService,
  aTenant,
  codeSent,
  freshId,
  freshNumber,
  otherTenantId,
  tenantId,
} from '../builders.ts';
import { type OpenStore, run, type StoreUnderTest, stored } from './given.ts';

async function rowsOf({ store }: StoreUnderTest, id: string) {
  const { queries } = store;
  return [await queries.verification(tenantId, id), await queries.sends(tenantId, id)];
}

const key = (verificationId: string) => ({ verificationId, number: 1 });
const stranger = { tenantId: otherTenantId };
type Attempt = (id: string, code: string, recipient: string) => Command;
const attempts: [what: string, attempt: Attempt, kind: string][] = [
  [
    'check it with the right code',
    (verificationId, code) => aCheck({ ...stranger, verificationId, code }),
    'not-found',
  ],
  ['check it with a wrong code', (verificationId) => aCheck({ ...stranger, verificationId }), 'not-found'],
  [
    'check its recipient with the right code',
    (_, code, recipient) => ({ kind: 'check-recipient', ...stranger, recipient, service: 'default', code }),
    'not-found',
  ],
  ['send it again', (verificationId) => aResend({ ...stranger, verificationId }), 'not-found'],
  ['cancel it', (verificationId) => aCancel({ ...stranger, verificationId }), 'not-found'],
  [
    'claim its message',
    (id) => ({ kind: 'claim-send', ...stranger, key: key(id), epoch: 'e9', deduplicating: [] }),
    'gone',
  ],
  [
    'record its message',
    (id) => ({
      kind: 'settle-send',
      ...stranger,
      key: key(id),
      epoch: 'e1',
      tries: 1,
      result: { kind: 'accepted' },
      backoffMs: 0,
      deduplicates: false,
    }),
    'superseded',
  ],
];

export function tenantContract(open: OpenStore): void {
  test.each(attempts)(
    "another tenant cannot %s by a tenant's id, and changes no row of it",
    async (_, attempt, kind) => {
      await using given = await open();
      const create = aCreate({ epoch: 'e1' });
      const { id, recipient } = create.requested;
      await run(given, create);
      given.clock.advance(30_000);
      const before = await rowsOf(given, id);
      expect(await run(given, attempt(id, codeSent(create), recipient))).toEqual({ kind });
      expect(await rowsOf(given, id)).toEqual(before);
      expect(await run(given, aRightCheck(create))).toMatchObject({ kind: 'verified' });
    },
  );

  test("another tenant reads nothing of a tenant's", async () => {
    await using given = await open();
    const create = aCreate();
    const { id, recipient } = create.requested;
    await run(given, create);
    const { queries } = given.store;
    expect(await queries.verification(otherTenantId, id)).toBeUndefined();
    expect(await queries.sends(otherTenantId, id)).toEqual([]);
    expect(await queries.verifications({ tenantId: otherTenantId, limit: 10 })).toEqual({ rows: [] });
    expect(await queries.verifications({ tenantId: otherTenantId, recipient, limit: 10 })).toEqual({ rows: [] });
    expect(await stored(given, id)).toMatchObject({ id });
  });

  test('one recipient of two tenants is two recipients: neither resumes, replaces or locks the other', async () => {
    await using given = await open();
    const recipient = freshNumber();
    const own = aCreate({ requested: { recipient } });
    const other = aCreate({ tenantId: otherTenantId, requested: { recipient } });
    expect(await run(given, own)).toMatchObject({ kind: 'created' });
    expect(await run(given, other)).toMatchObject({ kind: 'created' });
    const wrong = aCheck({ tenantId: otherTenantId, verificationId: other.requested.id });
    for (let i = 0; i < 5; i++) await run(given, wrong);
    expect(await run(given, aRightCheck(own))).toMatchObject({ kind: 'verified' });
  });

  test('a tenant is made once, with its service and its key', async () => {
    await using given = await open();
    const id = freshId();
    const service = aService({ tenantId: id });
    const tenant = aTenant({ tenantId: id, service });
    const { id: keyId } = tenant.apiKey;
    expect(await run(given, tenant)).toEqual({ kind: 'provisioned' });
    expect(await run(given, { ...tenant, service: { ...service, brand: 'Other' } })).toEqual({ kind: 'exists' });
    const { queries } = given.store;
    const createdAtMs = given.clock.wallMs();
    const known = await queries.tenants();
    expect(known.filter((row) => row.id === id)).toEqual([{ id, name: 'Acme', dailySendsMax: 1_000_000, createdAtMs }]);
    expect(await queries.service(id, 'default')).toEqual(service);
    expect(await queries.service(tenantId, 'default')).toMatchObject({ tenantId });
    expect(await queries.service(freshId(), 'default')).toBeUndefined();
    expect(await queries.service(id, 'other')).toBeUndefined();
    expect(await queries.apiKey(keyId)).toEqual({ ...tenant.apiKey, createdAtMs });
    expect(await queries.apiKey('unknown')).toBeUndefined();
  });

  test('a tenant that is made again by a later version has the scopes that came since in its key', async () => {
    await using given = await open();
    const tenant = aTenant({ tenantId: freshId() });
    const { apiKey } = tenant;
    await run(given, { ...tenant, apiKey: { ...apiKey, scopes: ['verifications:read'] } });
    expect(await run(given, tenant)).toEqual({ kind: 'exists' });
    const known = await given.store.queries.apiKey(apiKey.id);
    expect([...(known?.scopes ?? [])].sort()).toEqual([...apiKey.scopes].sort());
    expect(await run(given, { ...tenant, apiKey: { ...apiKey, scopes: [] } })).toEqual({ kind: 'exists' });
    expect(await given.store.queries.apiKey(apiKey.id)).toEqual(known);
  });
}
