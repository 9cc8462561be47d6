import { shownRecipient } from '../../domain/masking.ts';
import type { RecordedEvent, UserEvent, VerificationEvent } from '../../engine/events.ts';
import { iso, isoOrNull } from '../../http/times.ts';
import { verificationBody } from './mapping.ts';

interface Shown {
  readonly fullRecipient: boolean;
}

/**
 * An event as it is posted to an endpoint: the verification as the API shows it, without what only concerns a request;
 * or the user, and what of theirs has changed. Recipients are masked, unless the endpoint asks for them.
 */
export function webhookBody(event: RecordedEvent, shown: Shown): string {
  const data = 'verification' in event ? verificationData(event, shown) : userData(event, shown);
  return JSON.stringify({ type: event.kind, timestamp: iso(event.atMs), data });
}

function verificationData({ verification, send }: VerificationEvent, { fullRecipient }: Shown) {
  const { recipient, ...rest } = verificationBody(verification);
  return {
    verification: { ...rest, recipient: fullRecipient ? recipient : shownRecipient(recipient) },
    ...(send === undefined ? {} : { send: sendOf(send) }),
  };
}

function sendOf({ number, channel, status, sender, reason, createdAtMs }: NonNullable<VerificationEvent['send']>) {
  const why = reason?.replaceAll('-', '_') ?? null;
  return { number, channel, status, sender, reason: why, createdAt: iso(createdAtMs) };
}

function userData({ user, changed, factor, recoveryCodesLeft, session }: UserEvent, shown: Shown) {
  return {
    user: { id: user.id, reference: user.reference ?? null },
    ...(changed === undefined ? {} : { changed }),
    ...(factor === undefined ? {} : { factor: factorOf(factor, shown) }),
    ...(recoveryCodesLeft === undefined ? {} : { recoveryCodesLeft }),
    ...(session === undefined ? {} : { session: sessionOf(session) }),
  };
}

function factorOf({ id, kind, status, name, recipient }: NonNullable<UserEvent['factor']>, { fullRecipient }: Shown) {
  const shown = recipient === undefined || fullRecipient ? recipient : shownRecipient(recipient);
  return { id, kind, status, name: name ?? null, recipient: shown ?? null };
}

function sessionOf({ id, state, face, proof, expiresAtMs }: NonNullable<UserEvent['session']>) {
  const by = proof?.replaceAll('-', '_') ?? null;
  return { id, state: state.replaceAll('-', '_'), face, proof: by, expiresAt: isoOrNull(expiresAtMs) };
}
