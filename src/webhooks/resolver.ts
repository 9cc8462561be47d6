import { lookup, Resolver } from 'node:dns/promises';
import { isIP } from 'node:net';

/** Every address of a name, of both kinds; none when it has none. */
export type ResolveHost = (host: string, signal: AbortSignal) => Promise<readonly string[]>;

const queryTimeoutMs = 2000;
const queryTries = 2;

/** Asks the name servers of the system, and nobody else: what stands in a hosts file is no public address. */
export const resolvePublic: ResolveHost = async (host, signal) => {
  const resolver = new Resolver({ timeout: queryTimeoutMs, tries: queryTries });
  const cancel = () => resolver.cancel();
  signal.addEventListener('abort', cancel, { once: true });
  try {
    const answers = await Promise.allSettled([resolver.resolve4(host), resolver.resolve6(host)]);
    return answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []));
  } finally {
    signal.removeEventListener('abort', cancel);
  }
};

/** As every program of the machine does: for development mode, where `localhost` is to be found. */
export const resolveLocally: ResolveHost = async (host) => {
  const bare = host.replace(/^\[|\]$/g, '');
  if (isIP(bare) !== 0) return [bare];
  const found = await lookup(host, { all: true }).catch(() => []);
  return found.map(({ address }) => address);
};
