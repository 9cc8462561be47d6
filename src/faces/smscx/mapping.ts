import type { VerificationStatus } from '../../domain/verification.ts';
import type { Balance } from '../../engine/balance.ts';
import type { VerificationRequest } from '../../engine/create-request.ts';
import type { CallbackFace, EventKind } from '../../engine/events.ts';
import type { Snapshot } from '../../engine/snapshot.ts';
import type { Service } from '../../engine/tenancy.ts';
import { type NewOtp, type Otp, pinTypes } from './wire.ts';

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
const callbackEvents = [
  'verification.verified',
  'verification.failed',
  'verification.expired',
  'verification.cancelled',
] as const satisfies readonly EventKind[];

/** Who is meant; the rest of a request does not matter for whether anything can be sent there. */
export function toRecipient({
  phoneNumber,
  countryIso,
}: Pick<NewOtp, 'phoneNumber' | 'countryIso'>): VerificationRequest {
  return { recipient: phoneNumber, country: countryIso, channel: 'sms', wishes: { ownRanges: true } };
}

/** Each request makes an OTP of its own, however many are pending. */
export function toRequest(otp: NewOtp, service: Service | undefined): VerificationRequest {
  const callbackUrl = otp.otpCallbackUrl ?? service?.options?.callbackUrl;
  return {
    ...toRecipient(otp),
    sender: otp.from,
    template: otp.template ?? defaults.template,
    ttlSeconds: otp.ttl ?? defaults.ttl,
    maxAttempts: otp.maxAttempts ?? defaults.maxAttempts,
    codeAlphabet: pinTypes[otp.pinType ?? defaults.pinType],
    codeLength: otp.pinLength ?? defaults.pinLength,
    reference: otp.trackId,
    wishes: {
      ownRanges: true,
      whilePending: 'separate',
      priced: { perPartMicros: 0 },
      terms: { placeholder: 'pin', ...(callbackUrl === undefined ? {} : { callbackUrl, callbackEvents }) },
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
} as const satisfies Record<VerificationStatus, Otp['status']>;

export function otpBody(snapshot: Snapshot): Otp {
  const { id, reference, recipient, country, terms, createdAtMs, expiresAtMs } = snapshot;
  return {
    otpId: id,
    trackId: reference ?? null,
    phoneNumber: recipient,
    // Numbers of no country are not served.
    countryIso: country ?? 'ZZ',
    status: statuses[snapshot.status],
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
  return new Date(ms).toISOString().slice(0, 19).replace('T', ' ');
}

/** An application, and of its settings what its OTPs are like where a request leaves it open. */
export function applicationBody(
  application: { readonly applicationId: string; readonly name: string; readonly scopes: readonly string[] },
  service: Service | undefined,
) {
  const { maxAttempts, pinLength, pinType, template, ttl } = defaults;
  const from = service?.sender ?? '';
  const otpCallback = service?.options?.callbackUrl ?? null;
  const otp = { template, from, pinType, pinLength, ttl, maxAttempts, otpCallback };
  return { ...application, scopes: application.scopes.join(' '), tokenExpiration: '1 day', settings: { otp } };
}

export function balanceBody({ balanceMicros, currency }: Balance) {
  const billing = balanceMicros === undefined ? 'postpaid' : 'prepaid';
  return { balance: (balanceMicros ?? 0) / 1_000_000, currency: currency.toLowerCase(), billing };
}

/** How ends of OTPs are told: one of them in each call. */
export const smscxCallbacks: CallbackFace = {
  name: 'smscx',
  word({ kind, verification }) {
    if (!callbackEvents.some((told) => told === kind)) return undefined;
    return JSON.stringify({ event: 'otp_update', data: [otpBody(verification)] });
  },
};
