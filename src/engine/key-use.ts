import type { Committer } from './committer.ts';
import type { Log } from './log.ts';
import type { ApiKey } from './tenancy.ts';

const everyMs = 60_000;
const keysMax = 10_000;

/** Writes down when API keys were used last, each at most once a minute, so that a request costs next to nothing. */
export function createKeyUse(committer: Committer, log: Log, nowMs: () => number): (key: ApiKey) => void {
  const noted = new Map<string, number>();
  return ({ id, tenantId, lastUsedAtMs = 0 }) => {
    const usedAtMs = nowMs();
    if (usedAtMs - (noted.get(id) ?? lastUsedAtMs) < everyMs) return;
    if (noted.size >= keysMax) noted.clear();
    noted.set(id, usedAtMs);
    committer.commit({ kind: 'note-key-use', tenantId, id, usedAtMs }, 'change').catch((error: unknown) => {
      noted.delete(id);
      log.warn({ err: error, keyId: id }, 'the use of an API key could not be written down');
    });
  };
}
