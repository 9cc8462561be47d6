import { createInbox, type Inbox } from '../channels/inbox/inbox.ts';
import { readApiKey } from '../domain/api-key.ts';
import { channels } from '../domain/channel.ts';
import { widened } from '../domain/limits.ts';
import { defaultCodePolicy } from '../domain/policy.ts';
import { tenantScopes } from '../domain/scope.ts';
import type { Committer } from '../engine/committer.ts';
import { systemRandom } from '../engine/random.ts';
import { defaultService } from '../engine/tenancy.ts';
import { createLog } from '../telemetry/log.ts';
import {
  BadDataDirectory,
  type Credentials,
  openDevelopmentDirectory,
  type RootCredentials,
} from './data-directory.ts';
import { savedIn } from './key-file.ts';
import type { CoreParts } from './parts.ts';
import { type Settings, sessionPolicyOf } from './settings.ts';

/** Limits of development mode are this many times as wide: a developer tries one number again and again. */
const widening = 20;

export interface Development {
  readonly parts: CoreParts;
  readonly inbox: Inbox;
  readonly credentials: Credentials;
}

/** What development mode is made of: every channel leads to the inbox. @throws BadDataDirectory */
export function developmentParts(settings: Settings, onDeath: (error: Error) => void): Development {
  const { dataDir, logLevel, confirmClock, limits, prices, sessions } = settings;
  const random = systemRandom();
  const { databaseFile, keyFile, keys, credentials } = openDevelopmentDirectory(dataDir, random);
  const inbox = createInbox({ now: () => Date.now() });
  const parts = {
    file: databaseFile,
    keys,
    savedKeys: savedIn(keyFile, random),
    limits: {
      recipientSends: widened(limits.recipientSends, widening),
      addressCreates: widened(limits.addressCreates, widening),
    },
    providers: [inbox.provider],
    routes: Object.fromEntries(channels.map((channel) => [channel, [inbox.provider.name]])),
    prices,
    sessions: sessionPolicyOf(sessions),
    development: true,
    callbacks: 'anywhere',
    clock: 'system',
    log: createLog(logLevel),
    onDeath,
    confirmClock,
  } as const;
  return { parts, inbox, credentials };
}

/** Has the tenant of development mode be there. @throws BadDataDirectory when the database cannot be written */
export async function provisionIn(file: string, committer: Committer, credentials: Credentials): Promise<void> {
  await provision(committer, credentials).catch((error: unknown) => {
    const remedy = 'it is damaged, or the disk is full; put a copy back, or choose another with COUNTERSIGN_DATA_DIR';
    throw new BadDataDirectory(`${file} cannot be written: ${remedy}`, { cause: error });
  });
}

/** The same tenant and key after every restart; made again when the database was removed. */
export async function provision(
  committer: Committer,
  { tenantId, native }: RootCredentials,
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
