import { shownRecipient } from '../../domain/masking.ts';
import type { VerificationEvent } from '../../engine/events.ts';
import { iso } from '../../http/times.ts';
import { verificationBody } from './mapping.ts';

/**
 * An event as it is posted to an endpoint: the verification as the API shows it, without what only concerns a request.
 * The recipient is masked, unless the endpoint asks for it.
 */
export function webhookBody(event: VerificationEvent, { fullRecipient }: { readonly fullRecipient: boolean }): string {
  const { recipient, ...rest } = verificationBody(event.verification);
  return JSON.stringify({
    type: event.kind,
    timestamp: iso(event.atMs),
    data: {
      verification: { ...rest, recipient: fullRecipient ? recipient : shownRecipient(recipient) },
      ...(event.send === undefined ? {} : { send: sendOf(event.send) }),
    },
  });
}

function sendOf({ number, channel, status, sender, reason, createdAtMs }: NonNullable<VerificationEvent['send']>) {
  const why = reason?.replaceAll('-', '_') ?? null;
  return { number, channel, status, sender, reason: why, createdAt: iso(createdAtMs) };
}
