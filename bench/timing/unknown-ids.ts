import { makeApiKey } from '../../src/domain/api-key.ts';
import { systemRandom, uuidv7 } from '../../src/engine/random.ts';
import type { RootCredentials } from '../../src/main/data-directory.ts';
import type { Child } from '../child.ts';
import { median } from '../measure.ts';
import { checkBytes } from '../requests.ts';
import { type Place, startServer, withServer } from '../servers.ts';
import type { Figure } from './figure.ts';
import { connectOnce } from './one-connection.ts';
import { runLoad } from './run-load.ts';
import { shuffled } from './shuffled.ts';

const REQUESTS = 2_000;
/** On a slow disk there are fewer requests instead. */
const SECONDS_MAX = 25;

const random = systemRandom();

/** What is asked, always by the same tenant. */
const questions = ['check unknown', 'check foreign', 'check own', 'get unknown', 'get foreign'] as const;
type Question = (typeof questions)[number];

/** Whether the time of an answer tells that an id exists, with another tenant. */
export async function unknownIdFigures(place: Place, load: Child): Promise<Figure[]> {
  const otherTenant = newTenant();
  return withServer(startServer(place, { otherTenant }), async ({ url, apiKey }) => {
    const own = await createdIds(load, url, apiKey, 0);
    const foreign = await createdIds(load, url, otherTenant.native.apiKey, REQUESTS);
    const timesMs = await askAll(url, apiKey, own, foreign);
    return [
      figure('check of an unknown id or of another tenant’s', timesMs['check unknown'], timesMs['check foreign']),
      figure('check of an unknown id or of one’s own, wrong code', timesMs['check unknown'], timesMs['check own']),
      figure('GET of an unknown id or of another tenant’s', timesMs['get unknown'], timesMs['get foreign']),
    ];
  });
}

function newTenant(): RootCredentials {
  const apiKey = makeApiKey('bench', random.hex(8), random.hex(32));
  return { tenantId: uuidv7(Date.now(), random), native: { apiKey } };
}

async function createdIds(load: Child, url: string, apiKey: string, firstIndex: number): Promise<readonly string[]> {
  const work = { kind: 'send', apiKey, collectIds: true } as const;
  const job = { url, work, firstIndex, connections: 32, maxRequests: REQUESTS, seconds: 20 };
  return (await runLoad(load, job)).ids;
}

/** Asks one question of each kind in an order of chance, again and again. */
async function askAll(
  url: string,
  apiKey: string,
  own: readonly string[],
  foreign: readonly string[],
): Promise<Record<Question, number[]>> {
  const host = new URL(url).host;
  const check = checkBytes(host, apiKey);
  const connection = await connectOnce(url);
  const checks = (id: string, status: number, body: string) => {
    // Six letters are never the code of six digits.
    check.fill(id, 'AAAAAA');
    return connection.ask(check.bytes, status, body);
  };
  const gets = (id: string) => connection.ask(getBytes(host, apiKey, id), 404);
  const ask: Record<Question, (round: number) => Promise<number>> = {
    'check unknown': () => checks(uuidv7(Date.now(), random), 404, ''),
    'check foreign': (round) => checks(foreign[round] ?? '', 404, ''),
    'check own': (round) => checks(own[round] ?? '', 200, '"result":"wrong_code"'),
    'get unknown': () => gets(uuidv7(Date.now(), random)),
    'get foreign': (round) => gets(foreign[round] ?? ''),
  };

  const timesMs: Record<Question, number[]> = {
    'check unknown': [],
    'check foreign': [],
    'check own': [],
    'get unknown': [],
    'get foreign': [],
  };
  const endMs = performance.now() + SECONDS_MAX * 1000;
  try {
    for (let round = 0; round < REQUESTS && performance.now() < endMs; round++) {
      for (const question of shuffled(questions)) timesMs[question].push(await ask[question](round));
    }
    return timesMs;
  } finally {
    connection.close();
  }
}

function getBytes(host: string, apiKey: string, id: string): Buffer {
  const head = `GET /v1/verifications/${id} HTTP/1.1\r\nHost: ${host}\r\nAuthorization: Bearer ${apiKey}\r\n\r\n`;
  return Buffer.from(head, 'latin1');
}

function figure(name: string, one: readonly number[], other: readonly number[]): Figure {
  const medians = [median(one), median(other)] as const;
  const value = Math.abs(medians[0] - medians[1]);
  const shown = medians.map((ms) => ms.toFixed(3)).join(' and ');
  return { name, value, unit: 'ms', below: 2, over: `medians ${shown} ms, of ${one.length} requests each` };
}
