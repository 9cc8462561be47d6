import { readFileSync } from 'node:fs';
import { makeApiKey } from '../../src/domain/api-key.ts';
import { systemRandom, uuidv7 } from '../../src/engine/random.ts';
import { type Child, startChild } from '../child.ts';
import { type Place, scriptOf, startServer, withServer } from '../servers.ts';
import type { Measured } from './measured.ts';
import { perSecond } from './measured.ts';
import { askedOf, checkEvery, type MixJob, type MixResult } from './mix.ts';
import { type Generator, type Prepared, prepared } from './prepare.ts';

const timesCapacity = 3;
const capacitySeconds = 5;
const warmUpSeconds = 3;
/** Enough for the server to meet its bounds, and fewer than the connections that it accepts. */
const crowd = 1_500;
const few = 64;
const quietPerSecond = 400;
const quietSeconds = 5;
const recoverySeconds = 10;
const otherPerSecond = 20;
const aloneSeconds = 10;
/** Below what a tenant may create by the second. */
const otherPreparesPerSecond = 15;
const mostRequests = 5_000_000;
/** Requests a second to prepare for, before anybody knows how fast this machine is. */
const perSecondToExpect = 20_000;

type Pace = Pick<MixJob, 'connections' | 'seconds'> & { readonly ratePerSecond?: number };

export interface OverloadRun {
  readonly place: Place;
  readonly seconds: number;
  readonly say: (text: string) => void;
}

/** The whole run: what the server manages, then three times that; then one tenant beside another that floods. */
export async function measureOverload(run: OverloadRun): Promise<Measured> {
  const generator = { load: await startChild(scriptOf('load')), nextIndex: 0 };
  const crowded = await withServer(startServer(run.place, { provider: 'capture' }), (server) =>
    overloaded(run, generator, server),
  );
  const random = systemRandom();
  const apiKey = makeApiKey('bench', random.hex(8), random.hex(32));
  const otherTenant = { tenantId: uuidv7(Date.now(), random), native: { apiKey } };
  const starting = startServer(run.place, { provider: 'capture', rates: 'default', otherTenant });
  const floodPerSecond = perSecond(crowded.capacity) * timesCapacity;
  const flooded = await withServer(starting, (server) => flood(run, generator, server, apiKey, floodPerSecond));
  return { ...crowded, ...flooded };
}

async function overloaded({ seconds, say }: OverloadRun, generator: Generator, server: Child) {
  const { apiKey } = server;
  const work = async (pace: Pace, perSecondMost: number) => {
    // A wrong code and then the right one for each; some wrong ones are under way when the right ones could follow.
    const count = Math.ceil((perSecondMost * pace.seconds) / checkEvery / 2) + pace.connections;
    return prepared(generator, server, apiKey, count);
  };
  const mix = async (pace: Pace, codes: Prepared) => mixed(generator, server, apiKey, pace, codes);

  say('warming up');
  const warm = { connections: few, seconds: warmUpSeconds };
  await mix(warm, await work(warm, perSecondToExpect));
  say('capacity, in a closed loop');
  const closed = { connections: few, seconds: capacitySeconds };
  const capacity = await mix(closed, await work(closed, perSecondToExpect));

  say(`${quietPerSecond} requests/s, before the load and after it`);
  const calm = { connections: few, seconds: quietSeconds, ratePerSecond: quietPerSecond };
  const quiet = await mix(calm, await work(calm, quietPerSecond));
  const after = { ...calm, seconds: recoverySeconds };
  const codesAfter = await work(after, quietPerSecond);

  const ratePerSecond = perSecond(capacity) * timesCapacity;
  say(`preparing for ${ratePerSecond.toFixed(0)} requests/s`);
  const pace = { connections: crowd, seconds, ratePerSecond };
  const codes = await work(pace, ratePerSecond);
  say(`${seconds} seconds of ${ratePerSecond.toFixed(0)} requests/s`);
  const overload = await mix(pace, codes);
  const recovery = await mix(after, codesAfter);
  return { capacity, quiet, overload, recovery, peakBytes: peakBytesOf(server.pid) };
}

/** One tenant asks twenty times a second, first alone, then while another creates as much as it can. */
async function flood(run: OverloadRun, generator: Generator, server: Child, apiKey: string, floodPerSecond: number) {
  const { seconds, say } = run;
  // A process of its own, so that the flood does not delay what the other one measures.
  const other = { load: await startChild(scriptOf('load')), nextIndex: mostRequests * 2 };
  const pace = { connections: few, ratePerSecond: otherPerSecond };
  const codesFor = (forSeconds: number) => {
    const count = Math.ceil((otherPerSecond * forSeconds) / checkEvery / 2) + 5;
    return prepared(other, server, apiKey, count, otherPreparesPerSecond);
  };
  const [codesAlone, codesBeside] = [await codesFor(aloneSeconds), await codesFor(seconds)];

  say(`a tenant alone, ${otherPerSecond} requests/s`);
  const alone = await mixed(other, server, apiKey, { ...pace, seconds: aloneSeconds }, codesAlone);
  say(`the same beside another that sends ${floodPerSecond.toFixed(0)} creates/s`);
  const flooding = { connections: crowd, seconds, ratePerSecond: floodPerSecond };
  const [flooded, beside] = await Promise.all([
    mixed(generator, server, server.apiKey, flooding, { ids: [], codes: [] }),
    mixed(other, server, apiKey, { ...pace, seconds }, codesBeside),
  ]);
  await other.load.stop();
  return { alone, beside, flood: flooded };
}

async function mixed(generator: Generator, server: Child, apiKey: string, pace: Pace, work: Prepared) {
  const { load, nextIndex: firstIndex } = generator;
  const job: MixJob = { kind: 'mix', url: server.url, apiKey, firstIndex, maxRequests: mostRequests, ...work, ...pace };
  const result = (await load.ask(job, (pace.seconds + 30) * 1000)) as MixResult;
  generator.nextIndex += askedOf(result);
  return result;
}

/** The most memory that a process ever had, as Linux counts it. */
function peakBytesOf(pid: number): number | undefined {
  try {
    const kibibytes = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1];
    return kibibytes === undefined ? undefined : Number(kibibytes) * 1024;
  } catch {
    return undefined;
  }
}
