import type Database from 'better-sqlite3';
import {
  addressColumns,
  type Cell,
  idempotencyColumns,
  type Row,
  recipientColumns,
  sendColumns,
  verificationColumns,
} from './rows.ts';
import { apiKeyColumns, serviceColumns, tenantColumns } from './tenancy-rows.ts';

/** The statements of the writing connection, prepared once. Each names the tenant first. Cells come as one array. */
export interface Tables {
  readonly recipients: Table;
  readonly addresses: Table;
  readonly verifications: Table;
  readonly sends: Table;
  readonly idempotency: Table;
  readonly services: Table;
  readonly apiKeys: Table;
  readonly tenants: Table;
}

export interface Table {
  get(key: readonly Cell[]): Row | undefined;
  /** Writes a new row; where `put` is prepared to, over an older one with the same key. */
  put(cells: readonly Cell[]): void;
  /** Changes the changing columns: their cells first, then the key. */
  set(cells: readonly Cell[]): void;
}

export function prepareTables(db: Database.Database): Tables {
  const split = (
    name: string,
    key: readonly string[],
    columns: { fixed: readonly string[]; changing: readonly string[] },
  ) => prepare(db, name, key, [...columns.fixed, ...columns.changing], columns.changing);
  return {
    recipients: split('recipients', ['tenant_id', 'recipient'], recipientColumns),
    addresses: split('addresses', ['tenant_id', 'address'], addressColumns),
    verifications: split('verifications', ['tenant_id', 'id'], verificationColumns),
    sends: split('sends', ['tenant_id', 'verification_id', 'number'], sendColumns),
    idempotency: prepare(db, 'idempotency', ['tenant_id', 'key'], idempotencyColumns, []),
    services: prepare(db, 'services', ['tenant_id', 'name'], serviceColumns, []),
    apiKeys: prepare(db, 'api_keys', ['tenant_id', 'id'], apiKeyColumns, []),
    tenants: prepare(db, 'tenants', ['id'], tenantColumns, []),
  };
}

function prepare(
  db: Database.Database,
  name: string,
  key: readonly string[],
  columns: readonly string[],
  changing: readonly string[],
): Table {
  const where = key.map((column) => `${column} = ?`).join(' and ');
  const places = columns.map(() => '?').join(', ');
  const get = db.prepare(`select ${columns.join(', ')} from ${name} where ${where}`).raw();
  const put = db.prepare(`insert into ${name} (${columns.join(', ')}) values (${places})`);
  const set =
    changing.length === 0
      ? undefined
      : db.prepare(`update ${name} set ${changing.map((column) => `${column} = ?`).join(', ')} where ${where}`);
  return {
    get: (key) => get.get(key) as Row | undefined,
    put: (cells) => void put.run(cells),
    set(cells) {
      if (set === undefined) throw new Error(`rows of ${name} never change`);
      if (set.run(cells).changes !== 1) throw new Error(`a row of ${name} to be changed is not there`);
    },
  };
}
