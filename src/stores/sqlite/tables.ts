import type Database from 'better-sqlite3';
import { type CodeTags, prepareCodeTags } from './code-tags.ts';
import {
  addressColumns,
  type Cell,
  idempotencyColumns,
  type Row,
  recipientColumns,
  sendColumns,
  verificationColumns,
} from './rows.ts';
import {
  apiKeyColumns,
  auditColumns,
  auditHeadColumns,
  serviceColumns,
  tenantColumns,
  usageColumns,
} from './tenancy-rows.ts';

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
  readonly usage: Table;
  readonly audit: Table;
  readonly auditHeads: Table;
  readonly codeTags: CodeTags;
  readonly facts: Facts;
}

export interface Table {
  get(key: readonly Cell[]): Row | undefined;
  /** Writes a new row; in tables whose rows are only ever written whole, over an older one with the same key. */
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
    services: whole(db, 'services', ['tenant_id', 'name'], serviceColumns),
    apiKeys: whole(db, 'api_keys', ['tenant_id', 'id'], apiKeyColumns),
    tenants: whole(db, 'tenants', ['id'], tenantColumns),
    usage: whole(db, 'usage', ['tenant_id'], usageColumns),
    audit: prepare(db, 'audit', ['tenant_id', 'number'], auditColumns, []),
    auditHeads: whole(db, 'audit_heads', ['tenant_id'], auditHeadColumns),
    codeTags: prepareCodeTags(db),
    facts: prepareFacts(db),
  };
}

/** What is known about the whole server, by name. */
export interface Facts {
  set(name: string, value: string | undefined): void;
}

function prepareFacts(db: Database.Database): Facts {
  const set = db.prepare('insert or replace into facts (name, value) values (?, ?)');
  const forget = db.prepare('delete from facts where name = ?');
  return { set: (name, value) => void (value === undefined ? forget.run(name) : set.run(name, value)) };
}

/** A table of few rows that change as a whole. */
function whole(db: Database.Database, name: string, key: readonly string[], columns: readonly string[]): Table {
  return prepare(db, name, key, columns, [], 'insert or replace');
}

function prepare(
  db: Database.Database,
  name: string,
  key: readonly string[],
  columns: readonly string[],
  changing: readonly string[],
  insert = 'insert',
): Table {
  const where = key.map((column) => `${column} = ?`).join(' and ');
  const places = columns.map(() => '?').join(', ');
  const get = db.prepare(`select ${columns.join(', ')} from ${name} where ${where}`).raw();
  const put = db.prepare(`${insert} into ${name} (${columns.join(', ')}) values (${places})`);
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
