import type Database from 'better-sqlite3';
import type { Challenge } from '../../domain/challenge.ts';
import type { Factor } from '../../domain/factor.ts';
import type { Session } from '../../domain/session.ts';
import type { User } from '../../domain/user.ts';
import type { PeopleWrites } from '../../engine/command.ts';
import { idFromBytes, idToBytes } from './ids.ts';
import {
  challengeCells,
  challengeColumns,
  factorCells,
  factorColumns,
  sessionCells,
  sessionColumns,
  toChallenge,
  toFactor,
  toSession,
  toUser,
  userCells,
  userColumns,
} from './people-rows.ts';
import type { Row } from './rows.ts';

/** The rows of users, and of what is theirs, on the writing connection. */
export class PeopleTables {
  readonly #sql: ReturnType<typeof prepare>;

  constructor(db: Database.Database) {
    this.#sql = prepare(db);
  }

  user(tenantId: string, id: string): User | undefined {
    const row = this.#sql.user.get(idToBytes(tenantId), idToBytes(id));
    return row ? toUser(row as Row) : undefined;
  }

  factors(tenantId: string, userId: string): readonly Factor[] {
    return (this.#sql.factors.all(idToBytes(tenantId), idToBytes(userId)) as Row[]).map(toFactor);
  }

  userByReference(tenantId: string, reference: string): string | undefined {
    return idOf(this.#sql.byReference.get(idToBytes(tenantId), reference));
  }

  userByLogin(tenantId: string, login: string): string | undefined {
    return idOf(this.#sql.byLogin.get(idToBytes(tenantId), login));
  }

  challenge(tenantId: string, id: string): Challenge | undefined {
    const row = this.#sql.challenge.get(idToBytes(tenantId), idToBytes(id));
    return row ? toChallenge(row as Row) : undefined;
  }

  session(tenantId: string, id: string): Session | undefined {
    const row = this.#sql.session.get(idToBytes(tenantId), idToBytes(id));
    return row ? toSession(row as Row) : undefined;
  }

  sessionsOf(tenantId: string, userId: string): readonly Session[] {
    return (this.#sql.sessionsOf.all(idToBytes(tenantId), idToBytes(userId)) as Row[]).map(toSession);
  }

  write(tenantId: string, writes: PeopleWrites): void {
    const sql = this.#sql;
    const tenant = idToBytes(tenantId);
    for (const { userId, id } of writes.removedFactors ?? [])
      sql.removeFactor.run(tenant, idToBytes(userId), idToBytes(id));
    for (const row of writes.users ?? []) sql.putUser.run(userCells(tenant, row));
    for (const row of writes.factors ?? []) sql.putFactor.run(factorCells(tenant, row));
    for (const row of writes.challenges ?? []) sql.putChallenge.run(challengeCells(tenant, row));
    for (const row of writes.sessions ?? []) sql.putSession.run(sessionCells(tenant, row));
    for (const id of writes.removedUsers ?? []) {
      for (const remove of sql.removeUser) remove.run(tenant, idToBytes(id));
    }
  }
}

const idOf = (cell: unknown) => (cell === undefined ? undefined : idFromBytes(cell as Buffer));

const placesOf = (columns: readonly unknown[]) => columns.map(() => '?').join(', ');

/** What a row that is there takes over. Never from another row that only shares a unique value: that must fail. */
const takenOver = (columns: readonly string[], key: readonly string[]) =>
  columns
    .filter((column) => !key.includes(column))
    .map((column) => `${column} = excluded.${column}`)
    .join(', ');

function prepare(db: Database.Database) {
  const others = ([, ...columns]: readonly string[]) => columns.join(', ');
  return {
    user: db.prepare(`select ${userColumns.join(', ')} from users where tenant_id = ? and id = ?`).raw(),
    factors: db
      .prepare(`select ${factorColumns.join(', ')} from factors where tenant_id = ? and user_id = ? order by id`)
      .raw(),
    byReference: db.prepare('select id from users where tenant_id = ? and reference = ?').pluck(),
    byLogin: db.prepare('select id from users where tenant_id = ? and login = ?').pluck(),
    challenge: db.prepare(`select ${challengeColumns.join(', ')} from challenges where tenant_id = ? and id = ?`).raw(),
    session: db.prepare(`select ${sessionColumns.join(', ')} from sessions where tenant_id = ? and id = ?`).raw(),
    sessionsOf: db
      .prepare(
        // Left to itself, SQLite reads all sessions of the tenant in the order of the key.
        `select ${sessionColumns.join(', ')} from sessions indexed by sessions_by_user
         where tenant_id = ? and user_id = ? and revoked_at is null order by id desc limit 256`,
      )
      .raw(),
    putUser: db.prepare(
      `insert into users (tenant_id, ${others(userColumns)}) values (${placesOf(userColumns)})
       on conflict (tenant_id, id) do update set ${takenOver(userColumns, ['tenant_id', 'id'])}`,
    ),
    putFactor: db.prepare(
      `insert into factors (tenant_id, ${others(factorColumns)}) values (${placesOf(factorColumns)})
       on conflict (tenant_id, user_id, id) do update set ${takenOver(factorColumns, ['tenant_id', 'user_id', 'id'])}`,
    ),
    putChallenge: db.prepare(
      `insert into challenges (tenant_id, ${others(challengeColumns)}) values (${placesOf(challengeColumns)})
       on conflict (tenant_id, id) do update set ${takenOver(challengeColumns, ['tenant_id', 'id'])}`,
    ),
    putSession: db.prepare(
      `insert into sessions (tenant_id, ${others(sessionColumns)}) values (${placesOf(sessionColumns)})
       on conflict (tenant_id, id) do update set ${takenOver(sessionColumns, ['tenant_id', 'id'])}`,
    ),
    removeFactor: db.prepare('delete from factors where tenant_id = ? and user_id = ? and id = ?'),
    removeUser: [
      db.prepare('delete from factors where tenant_id = ? and user_id = ?'),
      db.prepare('delete from challenges indexed by challenges_by_user where tenant_id = ? and user_id = ?'),
      db.prepare('delete from sessions indexed by sessions_by_user where tenant_id = ? and user_id = ?'),
      db.prepare('delete from users where tenant_id = ? and id = ?'),
    ],
  };
}
