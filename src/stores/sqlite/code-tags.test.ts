import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { keys } from '../../../testing/builders.ts';
import { notedDatabase, plansOf } from '../../../testing/query-plans.ts';
import { codeTagQueries, prepareCodeTags, purgeCodeTags } from './code-tags.ts';
import { migrations } from './connection.ts';
import { idToBytes } from './ids.ts';
import { migrate } from './migrate.ts';

const tenant = idToBytes('01999999-0000-7000-8000-000000000000');
const ids = [1, 2, 3].map((number) => `01999999-0000-7000-8000-00000000000${number}`);
const tag = '00112233445566778899aabbccddeeff';

test('codes that were live before tags became shorter are found by what is left of theirs, the newest first', () => {
  const db = new Database(':memory:');
  migrate(
    db,
    migrations.filter(({ number }) => number < 10),
  );
  const put = db.prepare(
    'insert into code_tags (tenant_id, verification_id, key_id, tag, salt, erase_at) values (?, ?, ?, ?, ?, ?)',
  );
  const [live = '', shown = '', second = ''] = ids;
  put.run(tenant, idToBytes(second), 'p1', tag, null, 3000);
  put.run(tenant, idToBytes(live), 'p1', tag, null, 1000);
  put.run(tenant, idToBytes(shown), 'p1', null, 'salt', 2000);
  migrate(db, migrations);

  expect(prepareCodeTags(db).tagged(tenant, tag.slice(0, 16))).toEqual([
    { verificationId: second, eraseAtMs: 3000 },
    { verificationId: live, eraseAtMs: 1000 },
  ]);
  const rest = db.prepare('select key_id, tag, salt, erase_at from code_tags where verification_id = ?');
  expect(rest.raw().get(idToBytes(shown))).toEqual(['p1', null, 'salt', 2000]);
  db.close();
});

test('nothing on tags of codes reads all rows of a tenant', () => {
  const noted = notedDatabase();
  prepareCodeTags(noted.db);
  codeTagQueries(noted.db, () => 0);
  purgeCodeTags(noted.db, { nowMs: 0, limit: 10, keys });
  const plans = plansOf(noted, /(?:from|update) code_tags/);
  expect(plans.length).toBeGreaterThan(6);
  expect(plans.filter((plan) => /^SCAN code_tags|\(tenant_id=\?\)/.test(plan))).toEqual([]);
  noted.db.close();
});
