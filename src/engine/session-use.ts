import type { Session } from '../domain/session.ts';
import type { Committer } from './committer.ts';
import type { Log } from './log.ts';

const everyMs = 60_000;
const sessionsMax = 10_000;

/**
 * Writes down when sessions were used last, each at most once a minute; more often where sessions are soon idle, so that
 * one in use never is.
 */
export function createSessionUse(
  { committer, log }: { readonly committer: Committer; readonly log: Log },
  nowMs: () => number,
): (session: Session) => void {
  const noted = new Map<string, number>();
  return ({ id, tenantId, lastUsedAtMs, idleSeconds = everyMs }) => {
    const usedAtMs = nowMs();
    if (usedAtMs - (noted.get(id) ?? lastUsedAtMs) < Math.min(everyMs, idleSeconds * 100)) return;
    if (noted.size >= sessionsMax) noted.clear();
    noted.set(id, usedAtMs);
    committer.commit({ kind: 'note-session-use', tenantId, id, usedAtMs }, 'change').catch((error: unknown) => {
      noted.delete(id);
      log.warn({ err: error, tenantId }, 'the use of a session could not be written down');
    });
  };
}
