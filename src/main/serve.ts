import type { AddressInfo } from 'node:net';
import { clockFrom } from '../engine/clock.ts';
import type { RatePolicy } from '../http/rate.ts';
import { createRateLimiter, defaultRates, type RateName } from '../http/rates.ts';
import { compose, type Server } from './compose.ts';
import { listenOnSocket } from './control.ts';
import { productionParts } from './production.ts';
import type { Settings } from './settings.ts';
import { socketPath } from './surroundings.ts';

export interface ListeningServer extends Server {
  readonly url: string;
}

/**
 * Starts a server in production.
 * @throws BadDataDirectory, BadKeys, KeysMissing, StoreLocked, or what listening throws (EADDRINUSE, EACCES)
 */
export async function startServer(settings: Settings, onDeath: (error: Error) => void): Promise<ListeningServer> {
  const server = await compose({
    ...productionParts(settings, onDeath),
    rates: createRateLimiter(ratesOf(settings), clockFrom('system').monotonicMs),
    operationsToken: settings.operationsToken,
    proxies: settings.trustedProxies,
    publicUrl: settings.publicUrl,
    faces: settings.faces,
  });
  try {
    await listenOnSocket(server.control, socketPath(settings.dataDir));
    await server.app.listen(settings.listen);
    const { port } = server.app.server.address() as AddressInfo;
    return { ...server, url: settings.publicUrl ?? urlOf(settings.listen.host, port) };
  } catch (error) {
    await server.close();
    throw error;
  }
}

export function urlOf(host: string, port: number): string {
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

function ratesOf({ rates: { apiKey, tenantCreates, tenantChecks } }: Settings): Readonly<Record<RateName, RatePolicy>> {
  const { creates } = defaultRates;
  return {
    ...defaultRates,
    apiKey: { ...defaultRates.apiKey, quota: apiKey },
    creates: { ...creates, quota: tenantCreates, burst: Math.max(creates.burst, tenantCreates) },
    checks: { ...defaultRates.checks, quota: tenantChecks },
  };
}
