import { neverLeft } from '../domain/send.ts';
import { sendsMaxOf, statusOf, type Verification } from '../domain/verification.ts';
import type { Loaded, SendKey } from './command.ts';

/*
 * A face may want to know that no message of a pending verification went out. Its sends say so; only such
 * verifications have them looked at.
 */

/** Every send that it can have, whatever comes between a look and the next. */
export function sendsOfFollowed(verification: Verification | undefined): readonly SendKey[] {
  if (verification?.terms?.followed !== true) return none;
  const verificationId = verification.id;
  return Array.from({ length: sendsMaxOf(verification) }, (_, at) => ({ verificationId, number: at + 1 }));
}

const none: readonly SendKey[] = [];

/** Whether it is pending, its face wants to know, and surely nothing went out. */
export function isUnsent(verification: Verification, loaded: Loaded, nowMs: number): boolean {
  if (verification.terms?.followed !== true || statusOf(verification, nowMs) !== 'pending') return false;
  // Mostly the first of them went out, and the others need not be looked at.
  return sendsOfFollowed(verification)
    .slice(0, verification.sendsUsed)
    .every((key) => {
      const send = loaded.send(key);
      return send !== undefined && neverLeft(send);
    });
}
