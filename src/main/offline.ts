import type { HttpServer } from '../http/server.ts';
import { createControl } from './control.ts';
import { composeCore } from './core.ts';
import { developmentParts, provisionIn } from './development.ts';
import { createOperations } from './operations.ts';
import { productionParts } from './production.ts';
import type { Settings } from './settings.ts';
import { readiness } from './watch.ts';

/** What a command of an operator talks to when no server runs: the engine and its control API, which listens nowhere. */
export interface OfflineServer {
  readonly control: HttpServer;
  /** Waits for messages that the command caused. */
  close(): Promise<void>;
}

/**
 * Opens a data directory for one command of an operator: nothing that is due is done, only what is asked for.
 * @throws BadDataDirectory, BadKeys, KeysMissing, StoreLocked
 */
export async function openOffline(settings: Settings): Promise<OfflineServer> {
  const onDeath = (error: Error) => {
    throw error;
  };
  const mode =
    settings.mode === 'development'
      ? developmentParts(settings, onDeath)
      : { parts: productionParts(settings, onDeath), credentials: undefined };
  const { parts, credentials } = mode;
  const { file, log, development } = parts;
  const core = await composeCore(parts);
  try {
    if (credentials !== undefined) await provisionIn(file, core.committer, credentials);
    const { store, committer, engine, people, administration } = core;
    // Nobody but this command waits for the event loop.
    const { notReady } = readiness({ store, committer, loopDelayMs: () => 0 });
    const operations = createOperations({ ...core, notReady, development });
    const control = await createControl({ engine, people, administration, operations, log });
    return {
      control,
      async close() {
        await control.close();
        await core.close();
      },
    };
  } catch (error) {
    await core.close();
    throw error;
  }
}
