import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { channels } from '../src/domain/channel.ts';
import { defaultLimits } from '../src/domain/limits.ts';
import type { Provider } from '../src/engine/provider.ts';
import { systemRandom } from '../src/engine/random.ts';
import { noRates } from '../src/http/rates.ts';
import { compose } from '../src/main/compose.ts';
import { openDevelopmentDirectory } from '../src/main/data-directory.ts';
import { provision } from '../src/main/development.ts';
import { createLog } from '../src/telemetry/log.ts';
import type { CrashServerOptions, ProviderLine } from './provider-log.ts';

/*
 * A server to be killed: the real composition in a process of its own. It has two providers that write down every call
 * in a file, which outlives the process as a carrier's own memory would. Text messages go to one that takes every
 * submission for a new message, e-mail to one that knows a repetition by its reference.
 */

// The parent is our own test, which wrote this argument from the same type.
const { dataDir, providerLog, delayMs } = JSON.parse(process.argv[2] ?? '') as CrashServerOptions;

const random = systemRandom();
const note = (line: ProviderLine) => appendFileSync(providerLog, `${JSON.stringify(line)}\n`);

/** Takes a while before a message is accepted, and again before it says so: a crash may fall between the two. */
function slowProvider(name: string, deduplicates: boolean): Provider {
  const known = new Set(deduplicates ? acceptedBefore(name) : []);
  return {
    name,
    channels,
    deduplicates,
    async send({ reference, text }) {
      note({ kind: 'submitted', provider: name, reference });
      await delay(random.fraction() * delayMs);
      if (!known.has(reference)) {
        if (deduplicates) known.add(reference);
        note({ kind: 'accepted', provider: name, reference, text });
      }
      await delay(random.fraction() * delayMs);
      return { kind: 'accepted' };
    },
  };
}

function acceptedBefore(name: string): string[] {
  if (!existsSync(providerLog)) return [];
  const lines = readFileSync(providerLog, 'utf8').split('\n').filter(Boolean);
  const calls = lines.map((line) => JSON.parse(line) as ProviderLine);
  return calls.filter(({ kind, provider }) => kind === 'accepted' && provider === name).map((call) => call.reference);
}

const { databaseFile, keys, credentials } = openDevelopmentDirectory(dataDir, random);
const server = await compose({
  file: databaseFile,
  keys,
  limits: defaultLimits,
  rates: noRates,
  callbacks: 'anywhere',
  providers: [slowProvider('forgetful', false), slowProvider('deduplicating', true)],
  routes: { sms: ['forgetful'], email: ['deduplicating'] },
  development: true,
  toleratesDelay: true,
  clock: 'system',
  log: createLog('error'),
  onDeath(error) {
    throw error;
  },
});
await provision(server.committer, credentials);
await server.app.listen({ host: '127.0.0.1', port: 0 });

const stop = () => void server.close().then(() => process.exit(0));
process.once('SIGTERM', stop);
// The parent's end of it closes when the parent ends, however it does.
process.stdin.once('end', () => process.exit(1)).resume();
console.log(`http://127.0.0.1:${(server.app.server.address() as AddressInfo).port}`);
