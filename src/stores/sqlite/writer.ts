import type Database from 'better-sqlite3';
import type { KeyRings } from '../../domain/keys.ts';
import type { Limits } from '../../domain/limits.ts';
import type { Clock } from '../../engine/clock.ts';
import type { Context, Decided } from '../../engine/command.ts';
import { type Command, deciderOf } from '../../engine/deciders.ts';
import { assertKeysKnown } from '../../engine/key-usage.ts';
import { isCurrent } from '../../engine/send-job.ts';
import type { ClockState, Committed, DueSend, MaintenanceJob, StoreCounters } from '../../engine/store.ts';
import { StoreClock } from './clock.ts';
import { forgetFuture } from './confirmed-clock.ts';
import { openWriter } from './connection.ts';
import { idFromBytes, idToBytes, uuidFloor } from './ids.ts';
import { maintain } from './maintenance.ts';
import { PeopleTables } from './people-tables.ts';
import { CommitLost, done, failure, NotBegun } from './results.ts';
import { RowCache } from './row-cache.ts';
import { prepareTables } from './tables.ts';
import { retireDeliveries, WebhookTables } from './webhook-tables.ts';

export interface WriterOptions {
  /** A path, or `:memory:`. */
  readonly file: string;
  readonly keys: KeyRings;
  readonly limits: Limits;
  /** Names this process as the owner of sends. */
  readonly epoch: string;
  /** An operator says that the time of day is right although it is a day behind what the database has seen. */
  readonly confirmClock?: boolean | undefined;
  /** Slows every commit down, to see what a slow disk does. */
  readonly commitDelayMs?: number | undefined;
}

const staleRunsMax = 3;
const floorEveryMs = 10_000;
const lifeMaxMs = 25 * 3_600_000;
/** Jobs after which remembered rows are no longer what they were. */
const changesRows: ReadonlySet<MaintenanceJob['kind']> = new Set([
  'purge-verifications',
  'purge-verification-rows',
  'purge-addresses',
  'erase-recipient',
  'erase-traces',
  'rewrap',
]);

/** The writing connection: decides and writes batches of commands, each batch in one transaction with one fsync. */
export class Writer {
  readonly db: Database.Database;
  readonly #options: WriterOptions;
  readonly #rows: RowCache;
  readonly #clock: StoreClock;
  readonly #setFloor: Database.Statement;
  readonly #due: Database.Statement;
  readonly #begin: Database.Statement;
  readonly #commit: Database.Statement;
  #keys: KeyRings;
  #floorMs: number;
  #lost = false;
  #commits = 0;
  #commands = 0;

  /** Opens the file, brings its schema up to date, and takes over what an earlier process left. */
  constructor(options: WriterOptions, clock: Clock) {
    this.#options = options;
    this.#keys = options.keys;
    this.db = openWriter(options.file);
    this.#rows = new RowCache(prepareTables(this.db), new WebhookTables(this.db), new PeopleTables(this.db));
    this.#setFloor = this.db.prepare(`insert or replace into facts (name, value) values ('clock_floor', ?)`);
    this.#due = this.db
      .prepare(
        `select tenant_id, verification_id, number from sends
         where status = 'queued' and due_at <= ? and epoch is null order by due_at limit ?`,
      )
      .raw();
    this.#begin = this.db.prepare('begin immediate');
    this.#commit = this.db.prepare('commit');
    const told = this.#storedFloor();
    this.#floorMs = options.confirmClock === true ? 0 : told;
    this.#clock = new StoreClock(clock, this.#floorMs);
    if (options.confirmClock === true) this.#transaction(() => forgetFuture(this.db, this.#clock.nowMs()));
    this.#retireOtherEpochs(told);
  }

  commitBatch(commands: readonly Command[]): Committed[] {
    try {
      const results = this.#transaction(() => this.#runAll(commands));
      this.#commits++;
      return results;
    } catch (error) {
      const whole = error instanceof CommitLost || error instanceof NotBegun;
      if (whole || commands.length === 1) return commands.map(() => failure(error));
      // It surely did not commit: one command's trouble must not be that of the others.
      return commands.flatMap((command) => this.commitBatch([command]));
    }
  }

  dueSends(limit: number): DueSend[] {
    const rows = this.#due.all(this.#clock.nowMs(), limit) as [Buffer, Buffer, number][];
    return rows.map(([tenant, verification, number]) => ({
      tenantId: idFromBytes(tenant),
      verificationId: idFromBytes(verification),
      number,
    }));
  }

  maintain(job: MaintenanceJob, limit: number): number {
    const context = {
      nowMs: this.#clock.nowMs(),
      limit,
      keys: this.#keys,
      forgetVerification: this.#rows.forgetVerification.bind(this.#rows),
    };
    const dealt = this.#transaction(() => maintain(this.db, job, context));
    // No rule looks at what the others erase, so that remembered rows may go on holding it.
    if (dealt > 0 && changesRows.has(job.kind)) this.#rows.clear();
    return dealt;
  }

  useKeys(keys: KeyRings): void {
    this.#keys = keys;
  }

  /** Copies back what is left of the log, so that it begins anew. */
  checkpoint(): void {
    this.db.pragma('wal_checkpoint(passive)');
  }

  /** Empties the log, in which old pages lie. @returns false when somebody still reads it: nobody is waited for */
  truncateLog(): boolean {
    const timeoutMs = this.db.pragma('busy_timeout', { simple: true });
    this.db.pragma('busy_timeout = 0');
    try {
      const [row] = this.db.pragma('wal_checkpoint(truncate)') as { readonly busy: number }[];
      return row?.busy === 0;
    } finally {
      this.db.pragma(`busy_timeout = ${timeoutMs}`);
    }
  }

  /** The highest time that is written down in the database itself: where the next start begins. */
  get floorMs(): number {
    return this.#floorMs;
  }

  /** A commit's answer was lost: what is in the file is for a new process to read, this one may not go on. */
  get lost(): boolean {
    return this.#lost;
  }

  clock(): ClockState {
    return this.#clock.state();
  }

  counters(): StoreCounters {
    return { commits: this.#commits, commands: this.#commands };
  }

  /** Closes; the log is copied back into the database. */
  close(): void {
    this.db.close();
  }

  #runAll(commands: readonly Command[]): Committed[] {
    const results = commands.map((command) => this.#run(command));
    this.#rows.flush();
    this.#commands += commands.length;
    return results.map((result) => this.#marked(result));
  }

  #run(command: Command): Committed {
    let decided: Decided<{ readonly kind: string }> | undefined;
    try {
      decided = this.#decide(command);
    } catch (error) {
      // Nothing of it is written yet, so that it fails alone.
      return failure(error);
    }
    if (decided === undefined) return { kind: 'fault', detail: `${command.kind} stayed stale` };
    this.#rows.write(command.tenantId, decided.writes);
    return done(decided);
  }

  /** A later command of the same batch may have ended what an earlier one wants sent: delivery is to look again. */
  #marked(result: Committed): Committed {
    if (result.kind !== 'done' || result.job === undefined) return result;
    const { tenantId, verificationId } = result.job.code;
    if (isCurrent(result.job, this.#rows.verification(tenantId, verificationId))) return result;
    return { ...result, job: { ...result.job, outdated: true } };
  }

  #decide(command: Command): Decided<{ readonly kind: string }> | undefined {
    const decider = deciderOf(command);
    const keys = this.#keys;
    for (let run = 0; run < staleRunsMax; run++) {
      const first = this.#rows.load(command.tenantId, decider.find?.(command) ?? {});
      const next = decider.findNext?.(command, first);
      const found = next === undefined ? first : this.#rows.load(command.tenantId, next);
      const loaded = this.#rows.load(command.tenantId, decider.reads(command, found));
      const decided = decider.decide(command, loaded, this.#context());
      if (decided === 'stale') continue;
      assertKeysKnown(decided.writes, keys);
      return decided;
    }
    return undefined;
  }

  #context(): Context {
    const nowMs = this.#clock.nowMs();
    return { nowMs, wallMs: this.#clock.wallMs, keys: this.#keys, limits: this.#options.limits };
  }

  #transaction<T>(work: () => T): T {
    const { db } = this;
    this.#start();
    let result: T;
    let floorMs: number;
    try {
      result = work();
      floorMs = this.#storeFloor();
    } catch (error) {
      this.#rows.clear();
      if (db.inTransaction) db.exec('rollback');
      throw error;
    }
    this.#delay();
    try {
      this.#commit.run();
    } catch (error) {
      this.#rows.clear();
      this.#lost ||= !db.inTransaction;
      if (this.#lost) throw new CommitLost('the answer to COMMIT was lost', { cause: error });
      db.exec('rollback');
      throw error;
    }
    this.#floorMs = floorMs;
    return result;
  }

  #start(): void {
    if (this.#lost) throw new CommitLost('an earlier answer to COMMIT was lost');
    try {
      this.#begin.run();
    } catch (error) {
      throw new NotBegun('no transaction could begin', { cause: error });
    }
  }

  #delay(): void {
    const { commitDelayMs } = this.#options;
    if (commitDelayMs) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, commitDelayMs);
  }

  #storedFloor(): number {
    const value = this.db.prepare(`select value from facts where name = 'clock_floor'`).pluck().get();
    return value === undefined ? 0 : Number(value);
  }

  /** Time already told must not be told again after a restart. @returns the floor, once this is committed */
  #storeFloor(): number {
    const nowMs = this.#clock.nowMs();
    if (nowMs < this.#floorMs + floorEveryMs) return this.#floorMs;
    this.#setFloor.run(String(nowMs));
    return nowMs;
  }

  /**
   * The lock on the data directory says that whoever owned these is dead. Ids begin with their time, and no
   * verification lives longer than a day, so that only sends of the last day before that death are looked at.
   * @param toldMs - the time that the dead process wrote down last
   */
  #retireOtherEpochs(toldMs: number): void {
    const since = idToBytes(uuidFloor(Math.min(toldMs, this.#clock.nowMs()) - lifeMaxMs));
    const tenants = this.db.prepare('select id from tenants').pluck().all() as Buffer[];
    const retire = this.db.prepare(
      `update sends set epoch = null
       where tenant_id = ? and verification_id >= ? and status = 'queued' and epoch <> ?`,
    );
    this.#transaction(() => {
      for (const tenant of tenants) retire.run(tenant, since, this.#options.epoch);
      retireDeliveries(this.db, tenants, this.#options.epoch);
    });
  }
}
