import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import type { Check } from '../src/cli/doctor/check.ts';
import { operator, processOperator } from './operator.ts';
import { temporaryDirectory } from './process.ts';

/* doctor over real directories, with real faults in them. Each check by itself is tested in src/cli/doctor. */

interface Diagnosis {
  readonly ok: boolean;
  readonly checks: readonly Check[];
}

/** A data directory of production that no server uses, with a tenant that nothing is wrong with but that it is bare. */
async function aDirectory(path: string) {
  const dataDir = join(path, 'data');
  const env = { COUNTERSIGN_DATA_DIR: dataDir };
  const type = operator(env, path);
  expect(await type('tenant create Acme')).toMatchObject({ code: 0, stderr: '' });
  return { dataDir, env, type };
}

function change(dataDir: string, ...statements: string[]): void {
  const db = new Database(join(dataDir, 'countersign.db'));
  for (const statement of statements) db.exec(statement);
  db.close();
}

/** Each fault as `name: finding -> remedy`, for what is not good. */
const said = ({ checks }: Diagnosis) =>
  checks
    .filter(({ state }) => state !== 'ok')
    .map(({ name, state, finding, remedy }) => `${state} ${name}: ${finding} -> ${remedy}`);

test('names each of the faults in a directory, with what to do, and mends none of them', async () => {
  using directory = temporaryDirectory();
  const { dataDir, env, type } = await aDirectory(directory.path);
  const soon = new Date(Date.now() + 86_400_000).toISOString().slice(0, 10);
  expect(await type(`api-key create backend --expires-at ${soon}`)).toMatchObject({ code: 0 });
  expect(await type('api-key create late --expires-at 2099-01-31')).toMatchObject({ code: 0 });
  expect(await type('service test-number set +14155550123 123456 --valid-until 2099-01-31')).toMatchObject({ code: 0 });
  expect(await type('stop-sending')).toMatchObject({ code: 0 });
  chmodSync(dataDir, 0o755);
  change(
    dataDir,
    `insert or replace into facts (name, value) values ('clock_floor', '${Date.now() + 3_600_000}')`,
    `update api_keys set expires_at = 1000 where name = 'late'`,
    `update services set test_numbers = replace(test_numbers, '"validUntilMs":4073500800000', '"validUntilMs":1000')`,
    `update audit set target = 'tenant Nobody' where number = 1`,
  );

  const ended = await processOperator(env)('doctor --json');
  expect(ended).toMatchObject({ code: 5, stderr: '' });
  const found = said(ended.json<Diagnosis>());
  const expected = [
    /^bad data directory: \S+ is open to others \(mode 0755\) -> run: chmod 700 /,
    /^warn clock: it is \d+ s behind what the store has seen -> set the clock right/,
    /^warn server: it is not running -> start it: countersign serve/,
    /^warn sending: it was stopped: no message goes out -> run: countersign resume-sending$/,
    /^bad providers: there is none: nothing can be sent -> configure one under providers in the settings$/,
    /^bad routes: services use sms and no provider carries it -> name a provider under routes\.sms/,
    /^bad tenant Acme: it has no ceiling, so that nothing is sent -> run: countersign tenant change \S+ --daily-sends-max/,
    /^warn tenant Acme: service default has no countries -> run: countersign service change default /,
    /^warn tenant Acme: test number \+14155550123 of service default ran out .* -> .*test-number remove/,
    /^warn tenant Acme: API key backend \(\S+\) expires on .* -> run: countersign api-key rotate /,
    /^warn tenant Acme: API key late \(\S+\) expired on .* -> run: countersign api-key revoke /,
    /^bad audit trails: the trail of \S+ is broken at entry 1: .* -> keep a copy of the store/,
  ];
  for (const one of expected) expect(found).toContainEqual(expect.stringMatching(one));

  const again = await type('doctor');
  expect(again).toMatchObject({ code: 5, stderr: '' });
  expect(again.stdout).toMatch(/^ok +settings +good, production mode\nbad +data directory /);
});

const closed: [
  sentence: string,
  spoil: (dataDir: string) => Record<string, string>,
  expected: RegExp[],
  why: RegExp,
][] = [
  [
    'settings that are not good, and a key file that others may read',
    (dataDir) => {
      chmodSync(join(dataDir, 'keys.json'), 0o644);
      return { COUNTERSIGN_LISTEN: 'everywhere' };
    },
    [
      /^bad settings: COUNTERSIGN_LISTEN must be an address and a port/,
      /^bad key file: \S+keys\.json is open to others \(mode 0644\) -> run: chmod 600 /,
    ],
    /the settings are not good -> /,
  ],
  [
    'a key file that is no JSON',
    (dataDir) => {
      writeFileSync(join(dataDir, 'keys.json'), '{"pepper":');
      return {};
    },
    [/^bad key file: \S+keys\.json cannot be read: it is not valid JSON -> put the key file back/],
    /keys\.json is not valid JSON; /,
  ],
  [
    'a store of a newer version',
    (dataDir) => {
      change(dataDir, 'pragma user_version = 4711');
      return {};
    },
    [/^bad store: schema 4711 is newer than \d+, .* -> run the newer countersign$/],
    /the store has schema 4711, and not \d+ -> /,
  ],
  [
    'a store of an older version',
    (dataDir) => {
      change(dataDir, 'pragma user_version = 1');
      return {};
    },
    [/^warn store: schema 1 is older than \d+, .* -> run: countersign migrate/],
    /the store has schema 1, and not \d+ -> /,
  ],
  [
    'a backup that was copied there',
    (dataDir) => {
      change(dataDir, `insert into facts (name, value) values ('backup_taken_at', '1000')`);
      return {};
    },
    [/^bad store: \S+ is a backup that was copied here -> run: countersign restore/],
    /the store is a backup -> /,
  ],
  [
    'a store that is no database',
    (dataDir) => {
      writeFileSync(join(dataDir, 'countersign.db'), 'All is well. '.repeat(1000));
      return {};
    },
    [/^bad store: \S+ is damaged: file is not a database -> stop the server and restore a backup$/],
    /the store is damaged -> /,
  ],
];

test.each(closed)('finds %s, and does not open the store', async (_, spoil, expected, why) => {
  using directory = temporaryDirectory();
  const { dataDir, env } = await aDirectory(directory.path);
  const type = operator({ ...env, ...spoil(dataDir) }, directory.path);
  const ended = await type('doctor --json');
  const found = said(ended.json<Diagnosis>());
  expect(ended.code).toBe(found.some((line) => line.startsWith('bad')) ? 5 : 0);
  for (const one of expected) expect(found).toContainEqual(expect.stringMatching(one));
  const tenants = found.find((line) => line.startsWith('warn tenants: could not be looked at: '));
  expect(tenants).toMatch(why);
});

test('asks providers, and names those that do not answer or that no route names', async () => {
  using directory = temporaryDirectory();
  const { dataDir, env } = await aDirectory(directory.path);
  const file = join(directory.path, 'settings.yaml');
  const mail = (port: number) => `{ type: smtp, host: localhost, port: ${port}, tls: none, from: login@acme.org }`;
  // Nobody listens on port 1 of a machine that can run this.
  writeFileSync(
    file,
    `dataDir: ${dataDir}\nproviders:\n  mail: ${mail(1)}\n  spare: ${mail(1)}\nroutes:\n  email: [mail]\n`,
  );
  const type = operator(env, directory.path);
  const ended = await type(`doctor --json --config ${file}`);
  expect(ended.code).toBe(5);
  const found = said(ended.json<Diagnosis>());
  expect(found).toContainEqual(expect.stringMatching(/^bad provider mail: .* -> ./));
  expect(found).toContainEqual(expect.stringMatching(/^warn routes: provider spare is in no route -> /));
});
