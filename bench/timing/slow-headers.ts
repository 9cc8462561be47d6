import type { Child } from '../child.ts';
import { percentile } from '../histogram.ts';
import { type Place, startServer, withServer } from '../servers.ts';
import type { Figure } from './figure.ts';
import { runLoad } from './run-load.ts';
import { openSlowConnections } from './slow-connections.ts';

const CONNECTIONS = 1_900;
const PER_SECOND = 50;
const SECONDS = 14;

/** Whether connections that hardly say anything slow the others down, and when they are closed. */
export async function slowHeaderFigures(place: Place, load: Child): Promise<Figure[]> {
  return withServer(startServer(place), async ({ url, apiKey }) => {
    const slow = await openSlowConnections(Number(new URL(url).port), CONNECTIONS);
    try {
      const work = { kind: 'send', apiKey, collectIds: false } as const;
      const maxRequests = PER_SECOND * SECONDS;
      const job = { url, work, firstIndex: 0, connections: 16, maxRequests, seconds: SECONDS };
      const { latencies, expected } = await runLoad(load, { ...job, ratePerSecond: PER_SECOND });
      return [
        {
          name: 'sends beside connections with slow headers: p99',
          value: percentile(latencies, 0.99),
          unit: 'ms',
          below: 500,
          over: `${expected} sends, ${PER_SECOND} a second, ${CONNECTIONS} slow connections`,
        },
        {
          name: 'life of a connection with slow headers: longest',
          value: slow.longestMs() / 1000,
          unit: 's',
          below: 12,
          over: `${slow.closed()} of ${CONNECTIONS} closed by the server`,
        },
      ];
    } finally {
      slow.end();
    }
  });
}
