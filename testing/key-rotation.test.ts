import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { type RingName, ringNames } from '../src/domain/keys.ts';
import { readKeyFile } from '../src/main/key-file.ts';
import { virtualClock } from './clock.ts';
import { aNumber, wrongFor } from './numbers.ts';
import { command, run, startDevelopment, temporaryDirectory } from './process.ts';
import { isLong } from './scale.ts';
import { openServer, type TestServer } from './server.ts';
import { until } from './until.ts';

const rounds = isLong ? 5 : 1;
const keyFileOf = ({ file }: TestServer) => join(dirname(file), 'keys.json');

/** Creates and checks, one after another in each of several loops, until it is stopped. */
function startLoad({ alice, outbox }: TestServer) {
  let stopped = false;
  let done = 0;
  const wrong: string[] = [];
  const expectTo = (what: string, holds: boolean, text: string) => void (holds || wrong.push(`${what}: ${text}`));

  async function one(own: string | undefined): Promise<void> {
    const created = await alice.create({ recipient: aNumber(), ...(own === undefined ? {} : { code: own }) });
    expectTo('a create', created.status === 201, created.text);
    const { id } = created.body;
    const code = await outbox.code(id);
    expectTo('the message', own === undefined || code === own, code);
    const charged = await alice.check(id, wrongFor(code));
    expectTo('a wrong code', charged.body.result === 'wrong_code' && charged.body.attemptsLeft === 4, charged.text);
    const verified = await alice.check(id, code);
    expectTo('a right code', verified.body.result === 'verified', verified.text);
    done += 1;
  }
  const loop = async (own: string | undefined) => {
    while (!stopped) await one(own).catch((error: unknown) => void wrong.push(String(error)));
  };
  const loops = [undefined, '482913', undefined, '771204'].map(loop);
  return {
    wrong,
    get done() {
      return done;
    },
    async stop() {
      stopped = true;
      await Promise.all(loops);
    },
  };
}

test.each(ringNames)('under load the %s key is replaced and dropped without one check going wrong', async (ring) => {
  await using server = await openServer();
  const { keyRotation } = server.parts;
  const load = startLoad(server);
  const more = (count: number) => {
    const from = load.done;
    return until('more checks', () => (load.done >= from + count || load.wrong.length > 0 ? true : undefined));
  };
  try {
    await more(10);
    for (let round = 0; round < rounds; round++) {
      const before = (await keyRotation.usage()).find((key) => key.ring === ring && key.active)?.keyId ?? '';
      const rotated = await keyRotation.rotate(ring);
      await more(10);
      await keyRotation.rewrap();
      const retired = await until('the older key to be free', async () => {
        const answer = await keyRotation.retire(ring, before);
        return answer.kind === 'in-use' ? undefined : answer;
      });
      expect(retired).toEqual({ kind: 'retired' });
      await more(10);
      const { activeId, keys } = readKeyFile(keyFileOf(server))[ring];
      expect([rotated, Object.keys(keys)]).toEqual([{ kind: 'rotated', keyId: activeId }, [activeId]]);
    }
  } finally {
    await load.stop();
  }
  expect(load.wrong).toEqual([]);
  expect(server.log).toEqual([]);
});

test('over a rotation and a restart, pending codes are checked and repeated requests answered as at first', async () => {
  using directory = temporaryDirectory();
  const again = { 'idempotency-key': 'once' };
  const recipient = aNumber();
  const known = await (async () => {
    await using server = await openServer({ directory: directory.path });
    const created = await server.alice.create({ recipient }, again);
    const own = await server.alice.create({ recipient: aNumber(), code: '482913' });
    const { id } = created.body;
    for (const ring of ringNames) await server.parts.keyRotation.rotate(ring);
    expect((await server.alice.create({ recipient }, again)).body).toEqual(created.body);
    return { created: created.body, id, code: await server.outbox.code(id), ownId: own.body.id };
  })();

  await using server = await openServer({ directory: directory.path });
  const repeated = await server.alice.create({ recipient }, again);
  expect(repeated.body).toEqual(known.created);
  expect(repeated.headers.get('idempotency-replayed')).toBe('true');
  expect((await server.alice.check(known.id, known.code)).body.result).toBe('verified');
  expect((await server.alice.check(known.ownId, '482913')).body.result).toBe('verified');
});

/** Replaces the only key of a ring in a key file behind the back of everybody. @returns the id of the older one */
function dropped(file: string, ring: RingName): string {
  const rings = JSON.parse(readFileSync(file, 'utf8')) as Record<RingName, { active: string; keys: object }>;
  const older = rings[ring].active;
  const key = Buffer.alloc(32, 'another key').toString('base64');
  const changed = { ...rings, [ring]: { active: 'k-other', keys: { 'k-other': key } } };
  writeFileSync(file, JSON.stringify(changed), { mode: 0o600 });
  return older;
}

test.each(['pepper', 'data'] as const)('does not start while codes need a %s key that was dropped', async (ring) => {
  using directory = temporaryDirectory();
  const dataDir = join(directory.path, 'data');
  const keyFile = join(dataDir, 'keys.json');
  {
    await using server = await startDevelopment(dataDir);
    const { native } = JSON.parse(readFileSync(join(dataDir, 'credentials.json'), 'utf8'));
    const headers = { authorization: `Bearer ${native.apiKey}`, 'content-type': 'application/json' };
    for (const recipient of ['ada@example.com', 'bea@example.com']) {
      const body = JSON.stringify({ recipient, ...(ring === 'data' ? { code: '482913' } : {}) });
      const signal = AbortSignal.timeout(10_000);
      const created = await fetch(`${server.url}/v1/verifications`, { method: 'POST', headers, body, signal });
      expect(created.status).toBe(201);
    }
    expect(await server.end('SIGTERM')).toEqual({ code: 0, signal: null });
  }
  const kept = readFileSync(keyFile);
  const keyId = dropped(keyFile, ring);
  const settings = { COUNTERSIGN_DATA_DIR: dataDir, COUNTERSIGN_LISTEN: '127.0.0.1:0' };
  const refused = await run(process.execPath, [command, 'dev'], settings);
  expect(refused).toMatchObject({ code: 1, stdout: '' });
  expect(refused.stderr).toMatch(
    new RegExp(`^countersign: the key rings lack the ${ring} key ${keyId}, which 2 rows need; put it back[^\\n]*\\n$`),
  );

  writeFileSync(keyFile, kept);
  await using server = await startDevelopment(dataDir);
  expect(existsSync(keyFile)).toBe(true);
  expect(server.stderr).toBe('');
});

test('starts without a dropped key once nothing needs it any more, although nothing was erased yet', async () => {
  using directory = temporaryDirectory();
  const clock = virtualClock();
  const file = await (async () => {
    await using server = await openServer({ directory: directory.path, clock });
    await server.alice.create({ recipient: aNumber() }, { 'idempotency-key': 'once' });
    await server.alice.create({ recipient: aNumber(), code: '482913' });
    return keyFileOf(server);
  })();
  for (const ring of ringNames) dropped(file, ring);
  await expect(openServer({ directory: directory.path, clock })).rejects.toThrow(/lack the pepper key/);
  clock.advance(300_000);
  await expect(openServer({ directory: directory.path, clock })).rejects.toThrow(/which 1 row needs/);
  clock.advance(86_100_000);
  await using server = await openServer({ directory: directory.path, clock });
  const { id } = (await server.alice.create({ recipient: aNumber() })).body;
  expect((await server.alice.check(id, await server.outbox.code(id))).body.result).toBe('verified');
});
