import type { AddressInfo } from 'node:net';
import { createInbox } from '../channels/inbox/inbox.ts';
import { readApiKey } from '../domain/api-key.ts';
import { channels } from '../domain/channel.ts';
import { widened } from '../domain/limits.ts';
import { defaultCodePolicy } from '../domain/policy.ts';
import { tenantScopes } from '../domain/scope.ts';
import type { Committer } from '../engine/committer.ts';
import { systemRandom } from '../engine/random.ts';
import { defaultService } from '../engine/tenancy.ts';
import { quickStart } from '../faces/development/quick-start.ts';
import { developmentRoutes } from '../faces/development/routes.ts';
import { noRates } from '../http/rates.ts';
import { createLog } from '../telemetry/log.ts';
import { compose, type Server } from './compose.ts';
import { listenOnSocket } from './control.ts';
import { BadDataDirectory, type Credentials, openDevelopmentDirectory } from './data-directory.ts';
import { savedIn } from './key-file.ts';
import type { Settings } from './settings.ts';
import { socketPath } from './surroundings.ts';

/** Limits of development mode are this many times as wide: a developer tries one number again and again. */
const widening = 20;

export interface DevelopmentServer extends Server {
  readonly url: string;
  readonly credentials: Credentials;
  readonly commands: ReturnType<typeof quickStart>;
}

/**
 * Starts development mode: a data directory of its own, one tenant, every channel delivered to the inbox.
 * @throws BadDataDirectory, StoreLocked, or what listening throws (EADDRINUSE, EACCES)
 */
export async function startDevelopment(
  settings: Settings,
  onDeath: (error: Error) => void,
): Promise<DevelopmentServer> {
  const { listen, devToken } = settings;
  const { server, inbox, credentials } = await composeDevelopment(settings, onDeath);
  try {
    const { tenantId: _, ...shown } = credentials;
    let url = '';
    const needsToken = devToken !== undefined;
    const commands = () => quickStart({ baseUrl: url, apiKey: credentials.native.apiKey, needsToken });
    const token = devToken === undefined ? {} : { token: devToken };
    await developmentRoutes(server.app, { inbox, credentials: shown, baseUrl: () => url, commands, ...token });
    await listenOnSocket(server.control, socketPath(settings.dataDir));
    await server.app.listen(listen);
    url = urlOf(listen.host, (server.app.server.address() as AddressInfo).port);
    return { ...server, url, credentials, commands: commands() };
  } catch (error) {
    await server.close();
    throw error;
  }
}

/** Development mode, not listening yet. @param offline - for one command of an operator */
export async function composeDevelopment(settings: Settings, onDeath: (error: Error) => void, offline = false) {
  const { dataDir, logLevel, confirmClock, limits } = settings;
  const random = systemRandom();
  const { databaseFile, keyFile, keys, credentials } = openDevelopmentDirectory(dataDir, random);
  const inbox = createInbox({ now: () => Date.now() });
  const server = await compose({
    file: databaseFile,
    keys,
    savedKeys: savedIn(keyFile, random),
    limits: {
      recipientSends: widened(limits.recipientSends, widening),
      addressCreates: widened(limits.addressCreates, widening),
    },
    rates: noRates,
    providers: [inbox.provider],
    routes: Object.fromEntries(channels.map((channel) => [channel, [inbox.provider.name]])),
    development: true,
    toleratesDelay: true,
    clock: 'system',
    log: createLog(logLevel),
    onDeath,
    confirmClock,
    offline,
  });
  try {
    await provision(server.committer, credentials).catch((error: unknown) => {
      const remedy = 'it is damaged, or the disk is full; put a copy back, or choose another with COUNTERSIGN_DATA_DIR';
      throw new BadDataDirectory(`${databaseFile} cannot be written: ${remedy}`, { cause: error });
    });
    return { server, inbox, credentials };
  } catch (error) {
    await server.close();
    throw error;
  }
}

export function urlOf(host: string, port: number): string {
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/** The same tenant and key after every restart; made again when the database was removed. */
export async function provision(
  committer: Committer,
  { tenantId, native }: Credentials,
  codePolicy = defaultCodePolicy,
): Promise<void> {
  const key = readApiKey(native.apiKey);
  if (key === undefined) throw new Error('the credentials hold no API key');
  await committer.commit(
    {
      kind: 'provision-tenant',
      tenantId,
      tenant: { id: tenantId, name: 'Development', dailySendsMax: 1_000_000_000 },
      service: {
        tenantId,
        name: defaultService,
        brand: 'Countersign',
        sender: 'Countersign',
        channels,
        countries: ['*'],
        codePolicy,
        weakCodes: false,
        testNumbers: [],
      },
      apiKey: {
        id: key.id,
        tenantId,
        hash: key.hash.toString('hex'),
        name: 'Development',
        scopes: tenantScopes,
        sources: [],
      },
    },
    'record',
  );
}
