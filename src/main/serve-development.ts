import type { AddressInfo } from 'node:net';
import { quickStart } from '../faces/development/quick-start.ts';
import { developmentRoutes } from '../faces/development/routes.ts';
import { noRates } from '../http/rates.ts';
import { compose, type Server } from './compose.ts';
import { listenOnSocket } from './control.ts';
import type { Credentials } from './data-directory.ts';
import { developmentParts, provisionIn } from './development.ts';
import { provisionMetalUser } from './development-user.ts';
import { urlOf } from './serve.ts';
import type { Settings } from './settings.ts';
import { socketPath } from './surroundings.ts';

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
  const { parts, inbox, credentials } = developmentParts(settings, onDeath);
  const { faces, publicUrl } = settings;
  const server = await compose({ ...parts, faces, publicUrl, rates: noRates, toleratesDelay: true });
  try {
    await provisionIn(parts.file, server.committer, credentials);
    await provisionMetalUser(server.people, credentials.tenantId, credentials.metal);
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
