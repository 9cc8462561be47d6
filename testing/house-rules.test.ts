import type Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { PeopleTables } from '../src/stores/sqlite/people-tables.ts';
import { prepareTables } from '../src/stores/sqlite/tables.ts';
import { WebhookTables } from '../src/stores/sqlite/webhook-tables.ts';
import { type HouseRule, houseRules, tenantTables } from './house-rules.ts';
import { hasNestedQuantifier } from './nested-quantifiers.ts';
import { productFiles, sourceFile } from './syntax.ts';

const product = productFiles();

test('there is a product to look at', () => {
  expect(product.length).toBeGreaterThan(50);
  expect([...tenantTables].sort()).toEqual(
    expect.arrayContaining([
      'addresses',
      'api_keys',
      'idempotency',
      'recipients',
      'sends',
      'services',
      'verifications',
    ]),
  );
});

for (const rule of Object.values<HouseRule>(houseRules)) {
  test(`no file of src/ ${rule.sentence}`, () => {
    const found = product.flatMap((file) => rule.find(file).map((text) => ({ path: file.path, text })));
    const isAllowed = ({ path, text }: { path: string; text: string }) =>
      rule.allowed.some((exception) => exception.in === path && text.includes(exception.where));
    expect(found.filter((finding) => !isAllowed(finding))).toEqual([]);
  });

  if (rule.allowed.length === 0) continue;
  test(`every exception is in use where no other file ${rule.sentence}`, () => {
    const unused = rule.allowed.filter(({ in: path, where }) => {
      const file = product.find((one) => one.path === path);
      return file === undefined || !rule.find(file).some((text) => text.includes(where));
    });
    expect(unused).toEqual([]);
  });
}

const breaches: [rule: keyof typeof houseRules, text: string][] = [
  ['mathRandom', 'const jitter = Math.random();'],
  ['mathRandom', 'const { random } = Math; const jitter = Math["random"]();'],
  ['comparedSecrets', 'if (typed.code === expected) open();'],
  ['comparedSecrets', 'if (given !== this.#token) throw refused;'],
  ['comparedSecrets', 'if (apiSecret == "hunter2") open();'],
  ['comparedSecrets', 'const known = hashes.includes(hash);'],
  ['comparedSecrets', 'const same = signature.equals(other);'],
  ['comparedSecrets', 'const same = timingSafeEqual(one, other);'],
  ['nestedQuantifiers', 'const name = /^(?:[a-z]+)*$/;'],
  ['nestedQuantifiers', 'const body = { pattern: "^([a-z]+ ?)+$" };'],
  ['nestedQuantifiers', 'const made = new RegExp(text);'],
  ['endlessLoops', 'while (true) await turn();'],
  ['endlessLoops', 'for (;;) { if (done()) break; }'],
  ['endlessLoops', 'do turn(); while (1);'],
  ['longTimers', 'setTimeout(go, 30 * 86_400_000);'],
  ['longTimers', 'const monthMs = 2_592_000_000; setInterval(go, monthMs);'],
  ['longTimers', 'setTimeout(go, dueAtMs - nowMs);'],
  ['longTimers', 'setTimeout(go);'],
  ['unboundedCalls', 'await fetch(url, { method: "POST" });'],
  ['unboundedCalls', 'await globalThis.fetch(url);'],
  ['unboundedCalls', 'import { request } from "node:https"; request({ host });'],
  ['unboundedCalls', 'import * as net from "node:net"; net.connect({ port });'],
  ['unfilteredStatements', 'db.prepare("select * from verifications where id = ?");'],
  ['unfilteredStatements', `db.prepare(\`delete from recipients where \${where}\`);`],
  ['unfilteredStatements', `db.prepare(\`select \${columns} from \${table}\`);`],
  ['unfilteredStatements', 'db.prepare("insert into sends (verification_id) values (?)");'],
  ['unlistedFields', 'log.warn({ body }, "it came");'],
  ['unlistedFields', 'this.#log.error({ err: error, "typed": code }, "it failed");'],
  ['unlistedFields', 'options.log.info({ ...request }, "it came");'],
  ['unlistedFields', 'this.#options.log.info({ [name]: 1 }, "it came");'],
  ['unlistedFields', 'log.info(facts, "it came");'],
  ['unlistedFields', 'log.info("it came");'],
  ['longFiles', 'go();\n'.repeat(301)],
];

test.each(breaches)('%s finds %j', (name, text) => {
  expect(houseRules[name].find(sourceFile('src/stores/sqlite/example.ts', text))).not.toEqual([]);
});

test('finds a file called index.ts', () => {
  expect(houseRules.barrels.find(sourceFile('src/engine/index.ts', ''))).toEqual(['src/engine/index.ts']);
});

const harmless: [rule: keyof typeof houseRules, text: string][] = [
  ['comparedSecrets', 'if (token === undefined || row.codeHash === null) leave();'],
  ['comparedSecrets', 'if (error.code === "SQLITE_BUSY") retry();'],
  ['comparedSecrets', 'if (sameDigest(hash, digest)) open();'],
  ['nestedQuantifiers', 'const name = /^[(+]*\\(a+\\)+(?:ab)+(?:a{1,3})?$/;'],
  ['nestedQuantifiers', 'const body = { pattern: "^[a-z]{2}(-[a-z]{2,8}){0,2}$" };'],
  ['endlessLoops', 'while (rest.length > 0) rest.pop();'],
  ['longTimers', 'const dayMs = 24 * 3_600_000; setTimeout(go, dayMs);'],
  [
    'unboundedCalls',
    'await fetch(url, { signal }); map.get(key); import { request } from "node:http"; request({ host, timeout: 5 });',
  ],
  [
    'unfilteredStatements',
    'db.prepare("select * from sends where tenant_id = ?"); db.prepare("select value from facts");',
  ],
  ['unlistedFields', 'log.warn({ err, provider: name }, "it came"); console.log(body); inbox.error(body);'],
  ['longFiles', 'go();\n'.repeat(300)],
];

test.each(harmless)('%s has nothing against %j', (name, text) => {
  expect(houseRules[name].find(sourceFile('src/stores/sqlite/example.ts', text))).toEqual([]);
});

test('every prepared statement on a table of tenants names the tenant', () => {
  const prepared: string[] = [];
  const statement = { raw: () => statement, pluck: () => statement };
  const prepare = (sql: string) => {
    prepared.push(sql);
    return statement;
  };
  prepareTables({ prepare } as unknown as Database.Database);
  new WebhookTables({ prepare } as unknown as Database.Database);
  new PeopleTables({ prepare } as unknown as Database.Database);

  expect(prepared.length).toBeGreaterThanOrEqual(3 * tenantTables.size - 6);
  const free = prepared.filter((sql) => !/\btenant_id = \?|\binto \w+ \(tenant_id,/.test(sql));
  expect(free.filter((sql) => !/\b(?:from|into|update) (?:tenants|facts)\b/.test(sql))).toEqual([]);
});

const shapes: [source: string, nested: boolean][] = [
  ['(a+)+', true],
  ['(?:a*b?)*', true],
  ['((ab+)c)*', true],
  ['(a{2,})+', true],
  ['(a{1,3})*', true],
  ['(a+){2,}', true],
  ['(a|b+){0,40}', true],
  ['(ab)+', false],
  ['(a+)?', false],
  ['(a{3})+', false],
  ['(a+){0,2}', false],
  ['[(+]*[*)]+', false],
  ['\\(a+\\)+', false],
];

test.each(shapes)('the repetition check says of %s: nested %s', (source, nested) => {
  expect(hasNestedQuantifier(source)).toBe(nested);
});

test('the repetition check takes one pass, however long the expression', () => {
  expect(hasNestedQuantifier(`${'('.repeat(50_000)}a+${')'.repeat(50_000)}`)).toBe(false);
});
