import { setTimeout as sleep } from 'node:timers/promises';
import type { Child } from '../child.ts';
import type { LoadResult } from '../protocol.ts';
import { recipientOf } from '../recipients.ts';

/** The server keeps the last codes only, and so many are asked for at once. */
const atOnce = 10_000;
/** Times as many may be turned away as are wanted. */
const mostTurnedAway = 2;

/** A generator of load; no two jobs share a recipient. */
export interface Generator {
  readonly load: Child;
  nextIndex: number;
}

export interface Prepared {
  readonly ids: readonly string[];
  readonly codes: readonly string[];
}

/**
 * Creates verifications through the server's own API, and learns their codes from what it delivered. Some are turned
 * away where other work keeps the machine busy; others are created in their place.
 * @param ratePerSecond - for a tenant with rates; else as fast as they are answered
 * @throws Error when hardly any are created, or a code is not delivered
 */
export async function prepared(
  generator: Generator,
  server: Child,
  apiKey: string,
  count: number,
  ratePerSecond?: number,
): Promise<Prepared> {
  const ids: string[] = [];
  const codes: string[] = [];
  for (let asked = 0; ids.length < count; ) {
    if (asked > count + mostTurnedAway * Math.max(count, atOnce)) throw new Error(`prepared ${ids.length} of ${count}`);
    const slice = Math.min(atOnce, count - ids.length);
    asked += slice;
    const { firstIndex, made } = await created(generator, server, apiKey, slice, ratePerSecond);
    await sleep(500);
    const recipients = made.map(({ offset }) => recipientOf(firstIndex + offset));
    codes.push(...((await server.ask({ kind: 'codes', recipients })) as string[]));
    ids.push(...made.map(({ id }) => id));
  }
  if (codes.includes('')) throw new Error('a code was not delivered within half a second');
  return { ids, codes };
}

async function created(generator: Generator, { url }: Child, apiKey: string, count: number, ratePerSecond?: number) {
  const pace = ratePerSecond === undefined ? { seconds: 30 } : { seconds: count / ratePerSecond + 1, ratePerSecond };
  const work = { kind: 'send', apiKey, collectIds: true } as const;
  const { nextIndex: firstIndex, load } = generator;
  const job = { kind: 'load', url, work, firstIndex, connections: 32, maxRequests: count, ...pace } as const;
  const { started, ids } = (await load.ask(job, (pace.seconds + 30) * 1000)) as LoadResult;
  generator.nextIndex += started;
  const made = Array.from(ids, (id, offset) => ({ id, offset })).filter(({ id }) => (id ?? '') !== '');
  return { firstIndex, made };
}
