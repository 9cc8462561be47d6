import { expect, test } from 'vitest';
import { keys, noLimits, otherTenantId, tenantId } from '../../testing/builders.ts';
import { startMs } from '../../testing/clock.ts';
import type { CommandBase, Decided, Decider, Loaded } from './command.ts';
import { type IdempotentAnswer, idempotencyOf } from './idempotency.ts';
import { idempotent } from './idempotent.ts';

const caller = { tenantId, face: 'native' };
const request = { recipient: '+33612345678' };
const context = { nowMs: startMs, wallMs: startMs, keys, limits: noLimits };
const named = idempotencyOf(keys, caller, 'create', 'once', request);

interface Command extends CommandBase {
  readonly kind: 'any';
}
type Outcome = { readonly kind: string };

const decider = (decided: Decided<Outcome> | 'stale'): Decider<Command, Outcome> => ({
  reads: () => ({ recipients: ['r'] }),
  decide: () => decided,
});

/** Only the kept answer is ever asked for. */
const loaded = (answer?: IdempotentAnswer) => ({ idempotency: () => answer }) as Partial<Loaded> as Loaded;
const command: Command = { kind: 'any', tenantId, idempotency: named };
const { key, keyId, fingerprints } = named;
const fingerprint = fingerprints[keyId] ?? '';
const kept: IdempotentAnswer = {
  tenantId,
  key,
  keyId,
  fingerprint,
  outcome: { kind: 'created' },
  createdAtMs: startMs,
};
const created = { writes: { recipients: [] }, outcome: { kind: 'created' } };

test('a command without a key is decided as if there were no such thing', () => {
  const plain = idempotent(decider(created));
  expect(plain.reads({ kind: 'any', tenantId }, loaded())).toEqual({ recipients: ['r'] });
  expect(plain.decide({ kind: 'any', tenantId }, loaded(kept), context)).toBe(created);
});

test('reads the kept answer with the rows of the command', () => {
  expect(idempotent(decider(created)).reads(command, loaded())).toEqual({
    recipients: ['r'],
    idempotency: [named.key],
  });
});

test('keeps the outcome of the first run in the same writes as its effect', () => {
  expect(idempotent(decider(created)).decide(command, loaded(), context)).toEqual({
    ...created,
    writes: { recipients: [], idempotency: [kept] },
  });
});

test('answers a repetition with the first outcome, writes nothing and sends nothing', () => {
  const decided = idempotent(decider({ writes: {}, outcome: { kind: 'other' } })).decide(
    command,
    loaded(kept),
    context,
  );
  expect(decided).toEqual({ writes: {}, outcome: { kind: 'replayed', outcome: { kind: 'created' } } });
});

test('answers another request with the same key with a mismatch, and writes nothing', () => {
  const other = { ...command, idempotency: { ...named, fingerprints: { [keyId]: 'ff' } } };
  const decided = idempotent(decider(created)).decide(other, loaded(kept), context);
  expect(decided).toEqual({ writes: {}, outcome: { kind: 'idempotency-mismatch' } });
});

test.each(['limited', 'locked', 'too-soon', 'unsent', 'code-taken'])('does not keep the passing answer %s', (kind) => {
  const passing = { writes: {}, outcome: { kind } };
  expect(idempotent(decider(passing)).decide(command, loaded(), context)).toBe(passing);
});

test('a stale command runs again, with nothing kept', () => {
  expect(idempotent(decider('stale')).decide(command, loaded(), context)).toBe('stale');
});

const otherNames: [what: string, name: ReturnType<typeof idempotencyOf>][] = [
  ['face', idempotencyOf(keys, { ...caller, face: 'ding' }, 'create', 'once', request)],
  ['operation', idempotencyOf(keys, caller, 'check', 'once', request)],
  ['key', idempotencyOf(keys, caller, 'create', 'twice', request)],
];

test.each(otherNames)('the same key means another request under another %s', (_, name) => {
  expect(name.key).not.toBe(named.key);
});

const otherPrints: [what: string, print: ReturnType<typeof idempotencyOf>][] = [
  ['request', idempotencyOf(keys, caller, 'create', 'once', { recipient: '+33612345679' })],
  ['tenant', idempotencyOf(keys, { ...caller, tenantId: otherTenantId }, 'create', 'once', request)],
  [
    'pepper',
    idempotencyOf(
      { ...keys, pepper: { activeId: 'p2', keys: { p2: new Uint8Array(32) } } },
      caller,
      'create',
      'once',
      request,
    ),
  ],
];

test.each(otherPrints)('another %s leaves another fingerprint', (_, print) => {
  expect(print.fingerprints).not.toEqual(named.fingerprints);
});

test('the same request is the same again, and says nothing of what is in it', () => {
  const said = idempotencyOf(keys, caller, 'check', 'once', { code: '123456' });
  expect(said).toEqual(idempotencyOf(keys, caller, 'check', 'once', { code: '123456' }));
  expect(JSON.stringify(said)).not.toContain('123456');
});
