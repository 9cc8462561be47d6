import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import type { Store } from '../src/engine/store.ts';
import { idToBytes } from '../src/stores/sqlite/ids.ts';
import { openSqliteStore } from '../src/stores/sqlite/store.ts';
import { aService, aTenant, keys, noLimits, otherTenantId } from './builders.ts';
import { type VirtualClock, virtualClock } from './clock.ts';
import {
  type AtRest,
  type OpenStore,
  runBatch,
  type StoreOptions,
  type StoreUnderTest,
} from './store-contract/given.ts';

const defaults: StoreOptions = { keys, limits: noLimits, epoch: 'e1', confirmClock: false };

async function openStore(file: string, clock: VirtualClock, options: StoreOptions): Promise<Store> {
  const store = await openSqliteStore({
    ...options,
    file,
    clock: clock.source,
    onDeath(error) {
      throw error;
    },
  });
  const other = aTenant({ tenantId: otherTenantId, service: aService({ tenantId: otherTenantId }) });
  await runBatch({ store }, [aTenant(), other]);
  return store;
}

export const openInMemory: OpenStore = async (options) => {
  const clock = virtualClock();
  const store = await openStore(':memory:', clock, { ...defaults, ...options });
  return { store, clock, [Symbol.asyncDispose]: () => store.close() };
};

/** A store in a file of its own, in a directory that goes with it. */
export const openFile: OpenStore = async (options) => {
  const directory = mkdtempSync(join(tmpdir(), 'countersign-store-'));
  const under = new FileStore(join(directory, 'store.db'), { ...defaults, ...options }, () =>
    rmSync(directory, { recursive: true, force: true }),
  );
  try {
    await under.reopen();
    return under;
  } catch (error) {
    await under[Symbol.asyncDispose]();
    throw error;
  }
};

class FileStore implements StoreUnderTest, AtRest {
  readonly clock = virtualClock();
  readonly atRest = this;
  readonly #file: string;
  readonly #remove: () => void;
  #options: StoreOptions;
  #store: Store | undefined;

  constructor(file: string, options: StoreOptions, remove: () => void) {
    this.#file = file;
    this.#options = options;
    this.#remove = remove;
  }

  get store(): Store {
    if (this.#store === undefined) throw new Error('the store is closed');
    return this.#store;
  }

  async close(): Promise<void> {
    const store = this.#store;
    this.#store = undefined;
    await store?.close();
  }

  async reopen(changed: Partial<StoreOptions> = {}): Promise<void> {
    await this.close();
    this.#options = { ...this.#options, ...changed };
    this.#store = await openStore(this.#file, this.clock, this.#options);
  }

  bytes(): Buffer {
    const files = [this.#file, `${this.#file}-wal`, `${this.#file}-shm`].filter(existsSync);
    return Buffer.concat(files.map((file) => readFileSync(file)));
  }

  async swapSecrets(one: string, other: string): Promise<void> {
    await this.close();
    const db = new Database(this.#file);
    const read = db.prepare('select code_salt, code_sealed from verifications where id = ?').raw();
    const write = db.prepare('update verifications set code_salt = ?, code_sealed = ? where id = ?');
    const [first, second] = [one, other].map((id) => read.get(idToBytes(id)) as [string | null, string | null]);
    write.run(...(second ?? []), idToBytes(one));
    write.run(...(first ?? []), idToBytes(other));
    db.close();
    await this.reopen();
  }

  async alter(sql: string): Promise<void> {
    await this.close();
    const db = new Database(this.#file);
    db.exec(sql);
    db.close();
    await this.reopen();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
    this.#remove();
  }
}
