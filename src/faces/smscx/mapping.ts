import type { VerificationStatus } from '../../domain/verification.ts';
import type { Balance } from '../../engine/balance.ts';
import type { VerificationRequest } from '../../engine/create-request.ts';
import type { CallbackFace, EventKind } from '../../engine/events.ts';
import type { Snapshot } from '../../engine/snapshot.ts';
import type { ApiKey, Service } from '../../engine/tenancy.ts';
import { type Fields, textOf, wholeOf } from '../../http/loose-fields.ts';
import { iso } from '../../http/times.ts';
import { isInternational, isSender, pinTypes, scopeNames } from './wire.ts';

/* Our words to those of the wire, and back. */

/** What requests leave out. The vendor's own defaults are not published. */
const defaults = {
  template: 'Your code is {{pin}}',
  pinType: 'numbers',
  pinLength: 6,
  ttl: 300,
  maxAttempts: 3,
} as const;

/** Every end of an OTP is told, and nothing else. */
const callbackEvents: readonly EventKind[] = (['verified', 'failed', 'expired', 'cancelled'] as const).map(
  (end) => `verification.${end}` as const,
);

/** Who is meant; the rest of a request does not matter for whether anything can be sent there. */
export function toRecipient({ phoneNumber, countryIso }: Fields): VerificationRequest {
  const recipient = textOf(phoneNumber) ?? '';
  const country = isInternational(recipient) ? undefined : textOf(countryIso)?.toUpperCase();
  return { recipient, country, channel: 'sms', wishes: { ownRanges: true } };
}

const plainTerms = { placeholder: 'pin' } as const;
const free = { perPartMicros: 0 };

/** Each request makes an OTP of its own, however many are pending. @param fields - that break no rule */
export function toRequest(fields: Fields, service: Service | undefined): VerificationRequest {
  const callbackUrl = textOf(fields.otpCallbackUrl) ?? service?.options?.callbackUrl;
  const { recipient, country, channel } = toRecipient(fields);
  // One literal: an object put together from pieces is dear to make.
  return {
    recipient,
    country,
    channel,
    sender: textOf(fields.from),
    template: textOf(fields.template) ?? defaults.template,
    ttlSeconds: wholeOf(fields.ttl) ?? defaults.ttl,
    maxAttempts: wholeOf(fields.maxAttempts) ?? defaults.maxAttempts,
    codeAlphabet: pinTypes[(fields.pinType ?? defaults.pinType) as keyof typeof pinTypes],
    codeLength: wholeOf(fields.pinLength) ?? defaults.pinLength,
    reference: textOf(fields.trackId)?.toLowerCase(),
    wishes: {
      ownRanges: true,
      whilePending: 'separate',
      priced: free,
      terms: callbackUrl === undefined ? plainTerms : { ...plainTerms, callbackUrl, callbackEvents },
    },
  };
}

const statuses = {
  pending: 'PENDING',
  verified: 'VERIFIED',
  failed: 'FAILED',
  expired: 'EXPIRED',
  cancelled: 'CANCELLED',
  refused: 'FAILED',
} as const satisfies Record<VerificationStatus, string>;

/** Thirteen fields, all of them in every answer. */
export function otpBody(snapshot: Snapshot) {
  const { id, reference, recipient, country, terms, createdAtMs, expiresAtMs } = snapshot;
  return {
    otpId: id,
    trackId: reference ?? null,
    phoneNumber: recipient,
    // Numbers of no country are not served.
    countryIso: country ?? 'ZZ',
    status: statuses[snapshot.status],
    // In the currency of the account.
    cost: (terms?.priceMicros ?? 0) / 1_000_000,
    parts: terms?.parts ?? 1,
    maxAttempts: snapshot.attemptsMax,
    attempts: snapshot.attemptsUsed,
    ttl: Math.round((expiresAtMs - createdAtMs) / 1000),
    otpCallbackUrl: terms?.callbackUrl ?? null,
    dateCreated: date(createdAtMs),
    // Whole seconds apart, so that both are cut at the same place.
    dateExpires: date(expiresAtMs),
  };
}

/** `YYYY-MM-DD HH:MM:SS`, UTC: what the vendor's page says, and both libraries read. */
function date(ms: number): string {
  return iso(ms).slice(0, 19).replace('T', ' ');
}

/** A key that may do nothing with verifications is an application without `otp`. */
export function scopesOf({ scopes }: ApiKey): readonly string[] {
  const otp = scopes.some((scope) => scope.startsWith('verifications:'));
  return scopeNames.filter((name) => otp || name !== 'otp');
}

/** An API key as an application, and of its settings what its OTPs are like where a request leaves it open. */
export function applicationBody(applicationId: string, key: ApiKey, service: Service | undefined) {
  const { maxAttempts, pinLength, pinType, template, ttl } = defaults;
  const from = isSender(service?.sender) ? service?.sender : null;
  const otpCallback = service?.options?.callbackUrl ?? null;
  const otp = { template, from, pinType, pinLength, ttl, maxAttempts, otpCallback };
  const scopes = scopesOf(key).join(' ');
  return { applicationId, name: key.name, scopes, tokenExpiration: '1 day', settings: { otp } };
}

export function balanceBody({ balanceMicros, currency }: Balance) {
  const billing = balanceMicros === undefined ? 'postpaid' : 'prepaid';
  return { balance: (balanceMicros ?? 0) / 1_000_000, currency: currency.toLowerCase(), billing };
}

/** How ends of OTPs are told: one of them in each call. */
export const smscxCallbacks: CallbackFace = {
  name: 'smscx',
  word({ kind, verification }) {
    if (!callbackEvents.includes(kind)) return undefined;
    return JSON.stringify({ event: 'otp_update', data: [otpBody(verification)] });
  },
};
