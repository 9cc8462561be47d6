import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { createClient } from './client.ts';
import type { OpenapiDocument } from './conformity.ts';
import { copyDatabase } from './crash-copy.ts';
import { type Load, type Promised, startLoad } from './crash-load.ts';
import { built, listening, type ServerProcess, startProcess, temporaryDirectory } from './process.ts';
import { openProviderLog } from './provider-log.ts';
import { isLong } from './scale.ts';
import { seeded } from './seeded.ts';
import { until } from './until.ts';

const crashes = isLong ? 20 : 3;
const creates = isLong ? 2000 : 400;
/** Changes what is done when, not what must hold. */
const seed = Number(process.env.COUNTERSIGN_TEST_SEED ?? Date.now() % 1_000_000);

function crashServer(directory: string): Promise<ServerProcess> {
  const options = { dataDir: join(directory, 'data'), providerLog: join(directory, 'provider.log'), delayMs: 60 };
  return listening(startProcess(process.execPath, [built('testing/crash-server.js'), JSON.stringify(options)]));
}

/** Whom the load acts for; known once a server has made its data directory. */
function credentialsIn(directory: string): { tenantId: string; native: { apiKey: string } } {
  return JSON.parse(readFileSync(join(directory, 'data', 'credentials.json'), 'utf8'));
}

/** Some moment of the load: evenly spread over it, but for what chance adds. */
async function someMoment(load: Load, index: number, random: () => number): Promise<void> {
  const from = Math.floor((creates * (index + 0.5 + random() / 2)) / (crashes + 1));
  await until(`create ${from}`, () => load.created >= from || undefined, 60_000);
  await delay(random() * 30);
}

test(`keeps every promise over ${crashes} kills under load (seed ${seed})`, { timeout: 300_000 }, async () => {
  using directory = temporaryDirectory();
  using copies = temporaryDirectory();
  const random = seeded(seed);
  let server = await crashServer(directory.path);
  try {
    const { tenantId, native } = credentialsIn(directory.path);
    const providerLog = openProviderLog(join(directory.path, 'provider.log'));
    await using load = startLoad({ apiKey: native.apiKey, providerLog, seed, creates });
    const submissions = new Map<string, number>();
    let triesOpen = 0;

    load.connect(server.url);
    for (let crash = 0; crash < crashes; crash++) {
      await someMoment(load, crash, random);
      expect(await server.end('SIGKILL')).toEqual({ code: null, signal: 'SIGKILL' });
      expect(server.stderr).toBe('');
      load.connect(undefined);
      {
        using copy = copyDatabase(join(directory.path, 'data', 'countersign.db'), copies.path);
        const promised = [...load.promised.values()];
        expect(copy.integrity()).toEqual(['ok']);
        expect(await copy.contradictions(tenantId, promised)).toEqual([]);
        triesOpen += copy.count(`select count(*) from sends where status = 'queued' and try_open = 1`);
        for (const reference of await copy.submitted(tenantId, promised)) {
          submissions.set(reference, providerLog.submissions(reference));
        }
      }
      server = await crashServer(directory.path);
      load.connect(server.url);
    }
    await load.done;

    expect(load.contradictions).toEqual([]);
    expect(load.promised.size).toBe(load.created);
    expect(load.lost).toBeGreaterThan(0);
    expect(load.replayed).toBeGreaterThan(0);
    await expectEverySendSettled(server.url, { tenantId, apiKey: native.apiKey }, load, providerLog);
    // A send that was recorded as accepted was never submitted again.
    const again = [...submissions].filter(([reference, count]) => providerLog.submissions(reference) !== count);
    expect(again).toEqual([]);
    expect(submissions.size).toBeGreaterThan(0);
    const extra = providerLog.acceptedTwice().reduce((sum, one) => sum + one.extra, 0);
    expect(extra).toBeGreaterThan(0);
    expect(extra).toBeLessThanOrEqual(triesOpen);
    expect(server.stderr).toBe('');
    expect(await server.end('SIGTERM')).toEqual({ code: 0, signal: null });
  } finally {
    await server[Symbol.asyncDispose]();
  }
});

/** Each message was accepted, or its end is explained; more than once only where that is said. */
async function expectEverySendSettled(
  url: string,
  { tenantId, apiKey }: { tenantId: string; apiKey: string },
  { promised }: Load,
  providerLog: ReturnType<typeof openProviderLog>,
): Promise<void> {
  const document = (await (await fetch(`${url}/v1/openapi.json`)).json()) as OpenapiDocument;
  const client = createClient({ url, tenantId, apiKey, document, transcript: [] });
  const twice = new Map(providerLog.acceptedTwice().map(({ reference, provider }) => [reference, provider]));
  const told: string[] = [];

  for (const { id, recipient, status } of promised.values()) {
    const { body } = await until(`the end of the send of ${id}`, async () => {
      const answer = await client.get(id);
      return answer.body.sends.some((send) => send.status === 'queued') ? undefined : answer;
    });
    const [send, ...more] = body.sends;
    const reference = `${id}-1`;
    const explained = {
      submitted: () => providerLog.acceptances(reference) > 0,
      failed: () => send?.reason === 'outcome_unknown',
      dropped: () => send?.reason === 'verification_ended' && status !== 'pending',
    };
    const isExplained = Object.entries(explained).some(([name, holds]) => name === send?.status && holds());
    if (!isExplained || more.length > 0 || body.status !== status) told.push(JSON.stringify(body));
    if (providerLog.submissions(reference) > (send?.tries ?? 0)) told.push(`${reference}: more calls than tries`);
    const provider = twice.get(reference);
    if (provider !== undefined && (provider !== 'forgetful' || send?.possibleDuplicate !== true)) {
      told.push(`${reference} was accepted twice by ${provider} without being marked`);
    }
    const { verifications } = (await client.list({ recipient })).body;
    if (verifications.length !== 1) told.push(`${recipient} has ${verifications.length} verifications`);
  }
  expect(told).toEqual([]);
}

/** Stops a process where it stands. */
async function freeze(server: ServerProcess): Promise<void> {
  server.signal('SIGSTOP');
  const stat = `/proc/${server.pid}/stat`;
  if (!existsSync(stat)) return delay(200);
  await until('the process to stand still', () => / T /.test(readFileSync(stat, 'utf8')) || undefined);
}

test(`what a power cut would leave holds every promise, ${crashes} times (seed ${seed})`, {
  timeout: 300_000,
}, async () => {
  using directory = temporaryDirectory();
  const random = seeded(seed);
  await using server = await crashServer(directory.path);
  const { tenantId, native } = credentialsIn(directory.path);
  const providerLog = openProviderLog(join(directory.path, 'provider.log'));
  await using load = startLoad({ apiKey: native.apiKey, providerLog, seed, creates });
  const file = join(directory.path, 'data', 'countersign.db');
  load.connect(server.url);

  for (let cut = 0; cut < crashes; cut++) {
    await someMoment(load, cut, random);
    await freeze(server);
    using copies = temporaryDirectory();
    using torn = temporaryDirectory();
    const logBytes = statSync(`${file}-wal`).size;
    const copy = copyDatabase(file, copies.path);
    const half = copyDatabase(file, torn.path, Math.floor(logBytes * (0.5 + random() / 2)));
    const promised: Promised[] = [...load.promised.values()];
    server.signal('SIGCONT');
    try {
      expect(promised.length).toBeGreaterThan(0);
      expect(copy.integrity()).toEqual(['ok']);
      expect(await copy.contradictions(tenantId, promised)).toEqual([]);
      // A log torn anywhere loses whole commits and no parts of one: no verification without its send.
      expect(half.integrity()).toEqual(['ok']);
      const verifications = half.count('select count(*) from verifications');
      expect(half.count('select count(*) from sends')).toBe(verifications);
      expect(verifications).toBeLessThanOrEqual(copy.count('select count(*) from verifications'));
    } finally {
      copy[Symbol.dispose]();
      half[Symbol.dispose]();
    }
  }
  await load.done;
  expect(load.contradictions).toEqual([]);
  expect(load.lost).toBe(0);
  expect(await server.end('SIGTERM')).toEqual({ code: 0, signal: null });
});
