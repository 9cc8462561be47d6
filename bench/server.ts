/**
 * The server under test: the real composition over SQLite, as `run.ts` starts it.
 *
 * `start` gets `ServerOptions` (see `protocol.ts`) and resolves once the server answers. What it must compose:
 * - SQLite in `dataDirectory` with the durability of production (every answer after its fsync);
 * - one tenant and its default service, an API key, country FR allowed, sms routed to `null` or `capture`;
 * - `otherTenant`, where it is named, in the same way;
 * - codes of six digits, five attempts, `ttlSeconds` of life;
 * - tenant and key rates off, unless `rates` is `default`, the guard in monitor mode: all load comes from one tenant and
 *   one peer. Limits of recipients and end-user addresses stay on: each request has its own;
 * - delivery, sweeper and maintenance running, no log line a request;
 * - `commitDelayMs` slept in the writer thread inside each commit, when not 0.
 */
import type { AddressInfo } from 'node:net';
import { nullProvider } from '../src/channels/null/null.ts';
import { channels } from '../src/domain/channel.ts';
import { defaultLimits } from '../src/domain/limits.ts';
import { defaultCodePolicy } from '../src/domain/policy.ts';
import type { Provider } from '../src/engine/provider.ts';
import { systemRandom } from '../src/engine/random.ts';
import { createRateLimiter, defaultRates, noRates } from '../src/http/rates.ts';
import { compose } from '../src/main/compose.ts';
import { openDevelopmentDirectory } from '../src/main/data-directory.ts';
import { provision } from '../src/main/development.ts';
import { createLog } from '../src/telemetry/log.ts';
import type { ServerOptions } from './protocol.ts';
import { type RunningServer, serveBenchmark } from './server-process.ts';

await serveBenchmark(start);

async function start(options: ServerOptions): Promise<RunningServer> {
  const { dataDirectory, provider, ttlSeconds, commitDelayMs, otherTenant, rates } = options;
  const { databaseFile, keys, credentials } = openDevelopmentDirectory(dataDirectory, systemRandom());
  const codes = new Map<string, string>();
  const carrier = provider === 'capture' ? capturing(codes) : nullProvider;
  const server = await compose({
    file: databaseFile,
    keys,
    limits: defaultLimits,
    rates: rates === 'default' ? createRateLimiter(defaultRates, () => performance.now()) : noRates,
    providers: [carrier],
    routes: Object.fromEntries(channels.map((channel) => [channel, [carrier.name]])),
    development: false,
    clock: 'system',
    log: createLog('error'),
    onDeath: (error) => {
      throw error;
    },
    commitDelayMs,
  });
  const codePolicy = { ...defaultCodePolicy, ttlSeconds };
  await provision(server.committer, credentials, codePolicy);
  if (otherTenant !== undefined) await provision(server.committer, otherTenant, codePolicy);
  await server.app.listen({ host: '127.0.0.1', port: 0 });

  return {
    url: `http://127.0.0.1:${(server.app.server.address() as AddressInfo).port}`,
    apiKey: credentials.native.apiKey,
    customer: credentials.tenantId,
    credentials: {
      native: credentials.native.apiKey,
      smsworks: credentials.smsworks.token,
      smscx: credentials.smscx.apiKey,
      ding: credentials.ding.apiKey,
    },
    async stats() {
      const { verifications, verificationsWithSecret, secretsOverdue, sends } = await server.store.queries.counts();
      const secretsErased = verifications - verificationsWithSecret;
      const { commits: fsyncs } = server.store.counters();
      return { completedSends: sends.submitted ?? 0, fsyncs, verifications, secretsErased, secretsOverdue };
    },
    takeCode(recipient) {
      const code = codes.get(recipient);
      codes.delete(recipient);
      return code;
    },
    stop: () => server.close(),
  };
}

/** More than are asked for at once. What nobody asks for must not pass for memory of the server's own. */
const codesMax = 100_000;

/** Keeps the code of each of the last messages, which is the first word of the default wording. */
function capturing(codes: Map<string, string>): Provider {
  return {
    name: 'capture',
    channels,
    deduplicates: true,
    async send({ recipient, text }) {
      codes.set(recipient, text.split(' ', 1)[0] ?? '');
      const [oldest] = codes.size > codesMax ? codes.keys() : [];
      if (oldest !== undefined) codes.delete(oldest);
      return { kind: 'accepted' };
    },
  };
}
