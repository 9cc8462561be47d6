import type { Send } from '../domain/send.ts';
import type { Verification } from '../domain/verification.ts';
import type { Directory } from './directory.ts';
import { type ShownMessage, shownMessage } from './rendered.ts';

/** What a face shows of a verification that it follows. */
export interface Followed {
  /** JSON text, as it came in. */
  readonly signals?: string | undefined;
  /** In the order of the sends. */
  readonly messages: readonly ShownMessage[];
}

/** @returns undefined for one that nobody follows */
export async function follow(
  directory: Directory,
  current: Verification,
  sends: readonly Send[],
): Promise<Followed | undefined> {
  if (current.terms?.followed !== true) return undefined;
  const service = await directory.service(current.tenantId, current.service);
  return { signals: current.signals, messages: sends.map((send) => shownMessage(current, send, service)) };
}
