import type { NodemailerError } from 'nodemailer';
import type { ProviderOutcome } from '../../engine/provider.ts';
import { isTlsCode } from '../connect-error.ts';

/** What a server says when it wants other credentials, whichever command it says it to (RFC 4954 §6). */
const authenticationReplies: ReadonlySet<number> = new Set([530, 534, 535, 538]);

/**
 * What a mail that was not taken comes to. Reasons hold the number of a reply and never its words, which may quote the
 * recipient.
 * @param bodyBegun - whether any of the mail itself was handed to the connection
 * @throws Error when the server may have taken it: nobody knows
 */
export function failureOf(error: NodemailerError, bodyBegun: boolean): ProviderOutcome {
  const reply = error.responseCode;
  // These two answer a command or the mail itself; any other error ends the connection.
  const answered = error.code === 'EENVELOPE' || error.code === 'EMESSAGE';
  if (answered && reply !== undefined && reply >= 400) return outcomeOfReply(reply);
  // What the connection took may have arrived, whole and with its final dot: a mail is a few kilobytes.
  if (bodyBegun) throw new Error('the connection ended before the server said whether it took the mail');
  return { kind: 'unavailable', reason: reasonOf(error) };
}

/** 503 says that the session was in the wrong state, not that the mail is unwanted. */
function outcomeOfReply(reply: number): ProviderOutcome {
  if (authenticationReplies.has(reply)) return { kind: 'unavailable', reason: 'authentication-failed' };
  const permanent = reply >= 500 && reply !== 503;
  return { kind: permanent ? 'refused' : 'unavailable', reason: `smtp-${reply}` };
}

export type Failure = 'authentication-failed' | 'tls-failed' | 'cannot-connect' | 'timed-out' | 'connection-lost';

/** Why a connection was of no use. */
export function reasonOf(error: NodemailerError): Failure | `smtp-${number}` {
  if (error.code === 'ETLS' || isTlsError(error)) return 'tls-failed';
  if (error.code === 'EAUTH') return 'authentication-failed';
  if (error.responseCode !== undefined) return `smtp-${error.responseCode}`;
  if (isConnectError(error)) return 'cannot-connect';
  return error.code === 'ETIMEDOUT' || error.code === 'EABORT' ? 'timed-out' : 'connection-lost';
}

function isTlsError({ originalCode, timeoutType }: NodemailerError): boolean {
  return timeoutType === 'UPGRADE_TIMEOUT' || isTlsCode(originalCode ?? '');
}

function isConnectError({ code, originalCode, syscall, timeoutType }: NodemailerError): boolean {
  return (
    code === 'EDNS' ||
    syscall === 'connect' ||
    timeoutType === 'CONNECT_TIMEOUT' ||
    originalCode === 'ECONNREFUSED' ||
    originalCode === 'ENETUNREACH' ||
    originalCode === 'EHOSTUNREACH'
  );
}
