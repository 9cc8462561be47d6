import type Database from 'better-sqlite3';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { aCheck, aCreate, aRightCheck, aTenant, keys, noLimits, tenantId, times } from '../../../testing/builders.ts';
import { type VirtualClock, virtualClock } from '../../../testing/clock.ts';
import type { Committed } from '../../engine/store.ts';
import { sqliteQueries } from './queries.ts';
import { Writer } from './writer.ts';

const commit = vi.hoisted(() => ({ fails: 'never' as 'never' | 'before' | 'after', calls: 0 }));

function failing(statement: Database.Statement): Database.Statement {
  const run = () => {
    commit.calls += 1;
    const { fails } = commit;
    commit.fails = 'never';
    if (fails === 'before') throw Object.assign(new Error('disk'), { code: 'SQLITE_IOERR_FSYNC' });
    const result = statement.run();
    if (fails === 'after') throw Object.assign(new Error('disk'), { code: 'SQLITE_IOERR_CLOSE' });
    return result;
  };
  return Object.assign(Object.create(statement) as typeof statement, { run });
}

/** A database whose next COMMIT goes wrong: `before` it happened, or `after`, so that only its answer is lost. */
vi.mock('better-sqlite3', async (original) => {
  const { default: Real } = await original<{ default: typeof Database }>();
  class Failing extends Real {
    constructor(file: string, options?: Database.Options) {
      super(file, options);
      const prepare = this.prepare.bind(this);
      this.prepare = ((sql: string) =>
        sql === 'commit' ? failing(prepare(sql)) : prepare(sql)) as typeof this.prepare;
    }
  }
  return { default: Failing };
});

let clock: VirtualClock;
let writer: Writer;
beforeEach(() => {
  clock = virtualClock();
  writer = new Writer({ file: ':memory:', keys, limits: noLimits, epoch: 'e1' }, clock);
  writer.commitBatch([aTenant()]);
  commit.fails = 'never';
  commit.calls = 0;
});
afterEach(() => writer.close());

const kinds = (committed: readonly Committed[]) =>
  committed.map((one) =>
    one.kind === 'done' ? one.outcome.kind : one.kind === 'unavailable' ? one.reason : one.detail,
  );
const stored = (id: string) => sqliteQueries(writer.db, () => clock.wallMs()).verification(tenantId, id);

test('a batch whose commit surely failed is run again, command by command, and charged once', async () => {
  const create = aCreate();
  const verificationId = create.requested.id;
  writer.commitBatch([create]);
  commit.calls = 0;
  commit.fails = 'before';
  expect(kinds(writer.commitBatch([aCheck({ verificationId }), aCheck({ verificationId })]))).toEqual([
    'wrong-code',
    'wrong-code',
  ]);
  expect(commit.calls).toBe(3);
  expect(await stored(verificationId)).toMatchObject({ attemptsUsed: 2 });
});

test('a single command whose commit failed changes nothing, and says that the store cannot be had', async () => {
  const create = aCreate();
  writer.commitBatch([create]);
  commit.fails = 'before';
  expect(kinds(writer.commitBatch([aRightCheck(create)]))).toEqual(['store_unavailable']);
  expect(await stored(create.requested.id)).toMatchObject({ status: 'pending' });
  expect(kinds(writer.commitBatch([aRightCheck(create)]))).toEqual(['verified']);
});

test('erased text is nowhere in the pages of the database', () => {
  expect(writer.db.pragma('secure_delete', { simple: true })).toBe(1);
});

test('when no transaction can begin, the whole batch is told at once and nothing is run', () => {
  writer.db.exec('begin');
  const answers = writer.commitBatch(times(3, () => aCreate()));
  writer.db.exec('rollback');
  expect(kinds(answers)).toEqual(times(3, () => 'store_unavailable'));
  expect(kinds(writer.commitBatch([aCreate()]))).toEqual(['created']);
});

test('when the answer to a commit is lost nobody is told an outcome, and nothing is run again', async () => {
  const create = aCreate();
  const verificationId = create.requested.id;
  writer.commitBatch([create]);
  commit.calls = 0;
  commit.fails = 'after';
  const checks = times(3, () => aCheck({ verificationId }));
  expect(kinds(writer.commitBatch(checks))).toEqual(times(3, () => 'outcome_unknown'));
  expect(commit.calls).toBe(1);
  expect(await stored(verificationId)).toMatchObject({ attemptsUsed: 3 });
  // From here on only a new process may write.
  expect(writer.lost).toBe(true);
  expect(kinds(writer.commitBatch([aCheck({ verificationId })]))).toEqual(['outcome_unknown']);
  expect(await stored(verificationId)).toMatchObject({ attemptsUsed: 3 });
});

test('a full disk refuses creates until there is room again, and leaves what is there usable', async () => {
  const before = aCreate();
  writer.commitBatch([before]);
  writer.db.pragma(`max_page_count = ${writer.db.pragma('page_count', { simple: true })}`);
  const many = times(50, () => aCreate({ requested: { metadata: JSON.stringify('x'.repeat(500)) } }));
  const refused = kinds(writer.commitBatch(many)).filter((kind) => kind === 'store_unavailable');
  expect(refused.length).toBeGreaterThan(40);
  writer.db.pragma('max_page_count = 1000000');
  expect(kinds(writer.commitBatch([aRightCheck(before)]))).toEqual(['verified']);
  expect(kinds(writer.commitBatch([aCreate()]))).toEqual(['created']);
});
