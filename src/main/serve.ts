import type { AddressInfo } from 'node:net';
import { clockFrom } from '../engine/clock.ts';
import { systemRandom } from '../engine/random.ts';
import type { RatePolicy } from '../http/rate.ts';
import { createRateLimiter, defaultRates, type RateName } from '../http/rates.ts';
import type { HttpServer } from '../http/server.ts';
import { createLog } from '../telemetry/log.ts';
import { compose, type Server } from './compose.ts';
import { listenOnSocket } from './control.ts';
import { openDirectory } from './data-directory.ts';
import { composeDevelopment, urlOf } from './development.ts';
import { openKeyOrigin } from './key-file.ts';
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
  const server = await composeServer(settings, onDeath);
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

/** What a command of an operator talks to when no server runs: all of a server, but that it listens nowhere. */
export interface OfflineServer {
  readonly control: HttpServer;
  /** Waits for messages that the command caused. */
  close(): Promise<void>;
}

/** Opens a data directory for one command of an operator. @throws as `startServer` does */
export async function openOffline(settings: Settings): Promise<OfflineServer> {
  const onDeath = (error: Error) => {
    throw error;
  };
  return settings.mode === 'development'
    ? (await composeDevelopment(settings, onDeath, true)).server
    : composeServer(settings, onDeath, true);
}

async function composeServer(settings: Settings, onDeath: (error: Error) => void, offline = false): Promise<Server> {
  const { mode, dataDir, databaseFile, keyFile, keys, limits, confirmClock } = settings;
  openDirectory(dataDir);
  const random = systemRandom();
  const origin = openKeyOrigin({ mode, keyFile, keys, databaseFile, random });
  return compose({
    file: databaseFile,
    keys: origin.rings,
    savedKeys: origin.saved,
    limits,
    rates: createRateLimiter(ratesOf(settings), clockFrom('system').monotonicMs),
    providers: settings.providers.map((provider) => provider.create()),
    routes: settings.routes,
    development: false,
    retention: settings.retention,
    operationsToken: settings.operationsToken,
    proxies: settings.trustedProxies,
    clock: 'system',
    log: createLog(settings.logLevel),
    onDeath,
    confirmClock,
    offline,
  });
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
