import type Database from 'better-sqlite3';
import type { Queries } from '../../engine/store.ts';
import { idToBytes } from './ids.ts';
import {
  challengeColumns,
  factorColumns,
  sessionColumns,
  toChallenge,
  toFactor,
  toSession,
  toUser,
  userColumns,
} from './people-rows.ts';
import type { Row } from './rows.ts';

type PeopleQueries = Pick<
  Queries,
  'user' | 'userByReference' | 'userByLogin' | 'users' | 'factors' | 'challenge' | 'session' | 'sessions'
>;

/** Reads of users, and of what is theirs. */
export function peopleQueries(db: Database.Database): PeopleQueries {
  const prepare = (sql: string) => db.prepare(sql).raw();
  const columns = userColumns.join(', ');
  const user = prepare(`select ${columns} from users where tenant_id = ? and id = ?`);
  const byReference = prepare(`select ${columns} from users where tenant_id = ? and reference = ?`);
  const byLogin = prepare(`select ${columns} from users where tenant_id = ? and login = ?`);
  const users = prepare(`select ${columns} from users where tenant_id = ? and id < ? order by id desc limit ?`);
  const byPhoneNumber = prepare(
    `select ${columns} from users where tenant_id = ? and id < ? and phone_number = ? order by id desc limit ?`,
  );
  const byEmail = prepare(
    `select ${columns} from users where tenant_id = ? and id < ? and email = ? order by id desc limit ?`,
  );
  const factors = prepare(
    `select ${factorColumns.join(', ')} from factors where tenant_id = ? and user_id = ? order by id`,
  );
  const challenge = prepare(`select ${challengeColumns.join(', ')} from challenges where tenant_id = ? and id = ?`);
  const session = prepare(`select ${sessionColumns.join(', ')} from sessions where id = ?`);
  const sessions = prepare(
    // Left to itself, SQLite reads all sessions of the tenant in the order of the key.
    `select ${sessionColumns.join(', ')} from sessions indexed by sessions_by_user
     where tenant_id = ? and user_id = ? and revoked_at is null order by id desc limit ?`,
  );
  const first = <T>(row: unknown, read: (row: Row) => T): T | undefined => (row ? read(row as Row) : undefined);

  return {
    user: async (tenantId, id) => first(user.get(idToBytes(tenantId), idToBytes(id)), toUser),
    userByReference: async (tenantId, reference) => first(byReference.get(idToBytes(tenantId), reference), toUser),
    userByLogin: async (tenantId, login) => first(byLogin.get(idToBytes(tenantId), login), toUser),
    async users({ tenantId, phoneNumber, email, before, limit }) {
      const end = before === undefined ? Buffer.alloc(16, 255) : idToBytes(before);
      const [statement, ...value] =
        phoneNumber !== undefined ? [byPhoneNumber, phoneNumber] : email !== undefined ? [byEmail, email] : [users];
      return (statement.all(idToBytes(tenantId), end, ...value, limit) as Row[]).map(toUser);
    },
    factors: async (tenantId, userId) => (factors.all(idToBytes(tenantId), idToBytes(userId)) as Row[]).map(toFactor),
    challenge: async (tenantId, id) => first(challenge.get(idToBytes(tenantId), idToBytes(id)), toChallenge),
    session: async (id) => first(session.get(idToBytes(id)), toSession),
    sessions: async (tenantId, userId, limit) =>
      (sessions.all(idToBytes(tenantId), idToBytes(userId), limit) as Row[]).map(toSession),
  };
}
