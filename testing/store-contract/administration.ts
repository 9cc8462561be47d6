import { expect, test } from 'vitest';
import { noHash } from '../../src/engine/audit.ts';
import { verifyTrails } from '../../src/engine/audit-trails.ts';
import type { Command } from '../../src/engine/deciders.ts';
import { serverTenantId } from '../../src/engine/tenancy.ts';
import { freshId, otherTenantId, tenantId, times } from '../builders.ts';
import {
  anApiKey,
  aTestNumber,
  by,
  changeKey,
  changeService,
  changes,
  createKey,
  createService,
  createTenant,
  newTenantId,
  removeNumber,
  renameTenant,
  revokeKey,
  rotateKey,
  secretCode,
  setNumber,
} from './administrative.ts';
import { atRest, type OpenStore, run, runBatch, type StoreUnderTest } from './given.ts';

const trail = ({ store }: StoreUnderTest, owner: string) => store.queries.audit(owner, 0, 1000);

/** Everything that administration can change. */
async function everything({ store: { queries } }: StoreUnderTest) {
  const owners = [tenantId, otherTenantId, newTenantId, serverTenantId];
  const of = async (owner: string) => [
    await queries.services(owner),
    await queries.apiKeys(owner),
    await queries.audit(owner, 0, 1000),
  ];
  return [
    await queries.tenants(),
    await Promise.all(owners.map(of)),
    await queries.auditHeads(),
    await queries.fact('sending_stopped'),
  ];
}

const stranger = { tenantId: otherTenantId };
const key = { keyId: 'p1', fingerprints: { p1: 'f' } };
const refusals: [what: string, first: readonly Command[], command: Command, kind: string][] = [
  ['a tenant that is there', [createTenant], createTenant, 'exists'],
  ['a change of an unknown tenant', [], renameTenant('x', { tenantId: freshId() }), 'not-found'],
  ['a service that is there', [createService], createService, 'exists'],
  ['a service of an unknown tenant', [], { ...createService, tenantId: freshId() } as Command, 'not-found'],
  ['a change of an unknown service', [], { ...changeService, name: 'other' } as Command, 'not-found'],
  [
    'a service with codes that are too short',
    [],
    { kind: 'change-service', tenantId, by, name: 'default', changes: { codePolicy: { length: 4 } } },
    'invalid',
  ],
  ['a test number of an unknown service', [], setNumber(aTestNumber(), 'other'), 'not-found'],
  ['the removal of a test number that is none', [], removeNumber, 'not-found'],
  ['a key of an unknown tenant', [], { ...createKey, tenantId: freshId() } as Command, 'not-found'],
  ["a change of another tenant's key", [createKey], { ...changeKey, ...stranger } as Command, 'not-found'],
  ["the rotation of another tenant's key", [createKey], { ...rotateKey, ...stranger } as Command, 'not-found'],
  ["the revocation of another tenant's key", [createKey], { ...revokeKey, ...stranger } as Command, 'not-found'],
  ['a change of a revoked key', [createKey, revokeKey], changeKey, 'key-ended'],
  ['the rotation of a revoked key', [createKey, revokeKey], rotateKey, 'key-ended'],
  ['a second revocation', [createKey, revokeKey], revokeKey, 'api-key'],
  [
    'a repeated new service',
    [{ ...createService, idempotency: { key: 'k', ...key } } as Command],
    { ...createService, idempotency: { key: 'k', ...key } } as Command,
    'replayed',
  ],
];

export function administrationContract(open: OpenStore): void {
  test.each(changes)(
    '$what has exactly one entry in the trail, which says who, what and from where',
    async (change) => {
      await using given = await open();
      for (const command of change.first ?? []) await run(given, command);
      const { tenantId: owner } = change.command;
      const earlier = await trail(given, owner);
      const before = await everything(given);
      const commits = given.store.counters().commits;
      await run(given, change.command);
      expect(given.store.counters().commits).toBe(commits + 1);
      expect(await everything(given)).not.toEqual(before);
      const entries = await trail(given, owner);
      expect(entries.slice(0, -1)).toEqual(earlier);
      const { before: was, after: is, ...rest } = entries.at(-1) ?? { before: '', after: '' };
      const nowMs = given.clock.wallMs();
      expect({ ...rest, before: JSON.parse(was), after: JSON.parse(is) }).toEqual({
        ...change.says(nowMs),
        tenantId: owner,
        number: earlier.length + 1,
        atMs: nowMs,
        actor: by.name,
        address: by.address,
        requestId: by.requestId,
        previousHash: earlier.at(-1)?.hash ?? noHash,
        hash: expect.stringMatching(/^[0-9a-f]{64}$/),
      });
      expect((await verifyTrails(given.store.queries)).filter(({ problem }) => problem !== undefined)).toEqual([]);
    },
  );

  test.each(refusals)('%s changes nothing and leaves no entry', async (_, first, command, kind) => {
    await using given = await open();
    for (const earlier of first) await run(given, earlier);
    const before = await everything(given);
    expect(await run(given, command)).toMatchObject({ kind });
    expect(await everything(given)).toEqual(before);
  });

  test('no entry holds the digest of a key or the code of a test number', async () => {
    await using given = await open();
    await runBatch(given, [createKey, rotateKey, setNumber()]);
    const text = JSON.stringify(await trail(given, tenantId));
    for (const secret of ['bb'.repeat(32), 'cc'.repeat(32), aTestNumber().sealed, secretCode]) {
      expect(text).not.toContain(secret);
    }
  });

  test('the use of a key is noted, only ever forwards, and not audited', async () => {
    await using given = await open();
    await run(given, createKey);
    const entries = await trail(given, tenantId);
    const note = (usedAtMs: number, owner = tenantId): Command => ({
      kind: 'note-key-use',
      tenantId: owner,
      id: 'aaaabbbbccccdddd',
      usedAtMs,
    });
    await runBatch(given, [note(2000), note(1000), note(3000, otherTenantId)]);
    expect(await given.store.queries.apiKey('aaaabbbbccccdddd')).toMatchObject({ lastUsedAtMs: 2000, tenantId });
    expect(await trail(given, tenantId)).toEqual(entries);
  });

  test('a rotated key is followed by one with the same rights, which was never used', async () => {
    await using given = await open();
    await run(given, { ...createKey, apiKey: anApiKey({ sources: ['192.0.2.0/24'] }) } as Command);
    await run(given, { kind: 'note-key-use', tenantId, id: 'aaaabbbbccccdddd', usedAtMs: 2000 });
    await run(given, rotateKey);
    const { queries } = given.store;
    const endMs = given.clock.wallMs() + 60_000;
    expect(await queries.apiKey('aaaabbbbccccdddd')).toMatchObject({ expiresAtMs: endMs });
    const next = await queries.apiKey('eeeeffff00001111');
    expect(next).toMatchObject({ name: 'backend', scopes: ['verifications:send'], sources: ['192.0.2.0/24'] });
    expect([next?.expiresAtMs, next?.lastUsedAtMs]).toEqual([undefined, undefined]);
  });

  test('a rotation gives the old key no longer life than it had', async () => {
    await using given = await open();
    const expiresAtMs = given.clock.wallMs() + 1000;
    await run(given, { ...createKey, apiKey: anApiKey({ expiresAtMs }) } as Command);
    await run(given, rotateKey);
    expect(await given.store.queries.apiKey('aaaabbbbccccdddd')).toMatchObject({ expiresAtMs });
  });

  test('a service has at most 100 test numbers; one of them can be set again', async () => {
    await using given = await open();
    const numbered = (at: number) => aTestNumber({ recipient: `+120255501${String(at).padStart(2, '0')}` });
    await runBatch(
      given,
      times(100, (at) => setNumber(numbered(at))),
    );
    expect(await run(given, setNumber(aTestNumber({ recipient: '+13125550100' })))).toMatchObject({ kind: 'invalid' });
    expect(await run(given, setNumber(numbered(50)))).toMatchObject({ kind: 'service' });
    expect((await given.store.queries.service(tenantId, 'default'))?.testNumbers).toHaveLength(100);
  });
}

export function persistentAdministrationContract(open: OpenStore): void {
  test.each(changes)('$what is undone when its entry cannot be written', async ({ first = [], command }) => {
    await using given = await open();
    for (const earlier of first) await run(given, earlier);
    const forbid = `begin select raise(abort, 'no room'); end`;
    await atRest(given).alter(`create trigger full before insert on audit ${forbid}`);
    const before = await everything(given);
    const [committed] = await given.store.commitBatch([command]);
    expect(committed?.kind).not.toBe('done');
    expect(await everything(given)).toEqual(before);
    await atRest(given).alter('drop trigger full');
    expect(await everything(given)).toEqual(before);
    await run(given, command);
    expect(await everything(given)).not.toEqual(before);
  });
}
