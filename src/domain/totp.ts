import { createHmac } from 'node:crypto';
import { type Digest, digest, sameDigest } from './bytes.ts';
import type { TotpAlgorithm, TotpFactor } from './factor.ts';

/** RFC 6238 §4: X. */
export const stepSeconds = 30;
/** RFC 4226 §4 asks for 160 bits. */
export const totpSecretBytes = 20;

/** The time step of a moment: T of RFC 6238 §4.2, with T0 = 0. */
export function timeStep(nowMs: number): number {
  return Math.floor(nowMs / 1000 / stepSeconds);
}

/**
 * The code of a counter, RFC 4226 §5.3; with a time step as the counter, that of RFC 6238 §4.
 * @param secret - raw bytes, not Base32
 * @param counter - a whole number from 0
 */
export function hotp(
  secret: Uint8Array,
  counter: number,
  { algorithm, digits }: { readonly algorithm: TotpAlgorithm; readonly digits: number },
): string {
  const moving = Buffer.alloc(8);
  moving.writeBigUInt64BE(BigInt(counter));
  const mac = createHmac(algorithm, secret).update(moving).digest();
  const offset = (mac.at(-1) ?? 0) & 0xf;
  const truncated = mac.readUInt32BE(offset) & 0x7fffffff;
  return String(truncated % 10 ** digits).padStart(digits, '0');
}

/**
 * Finds the time step whose code was typed, within the drift window around now. Every step of the window is computed,
 * so that the time of the answer does not tell which it was.
 * @param secret - raw bytes, not Base32
 * @param typed - digits alone
 * @returns the step to store as the next `lastStep`, or undefined when no later step than that has this code
 * @see RFC 6238 §5.2 for the window and for using a code only once
 */
export function acceptedStep(
  secret: Uint8Array,
  factor: Pick<TotpFactor, 'algorithm' | 'digits' | 'drift' | 'lastStep'>,
  typed: string,
  nowMs: number,
): number | undefined {
  const now = timeStep(nowMs);
  const given: Digest = digest(typed);
  let accepted: number | undefined;
  for (let step = Math.max(0, now - factor.drift); step <= now + factor.drift; step++) {
    const isRight = sameDigest(given, digest(hotp(secret, step, factor)));
    // The latest of them: two steps may by chance have the same code, which must not be accepted once for each.
    if (isRight && step > (factor.lastStep ?? -1)) accepted = step;
  }
  return accepted;
}

/** What the secret of a factor is bound to. */
export function totpContext(place: {
  readonly tenantId: string;
  readonly userId: string;
  readonly id: string;
}): readonly string[] {
  return ['totp', place.tenantId, place.userId, place.id];
}

const base32Letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** Base32 without padding, RFC 4648 §6: how authenticator apps take a secret. */
export function base32(bytes: Uint8Array): string {
  let [text, bits, value] = ['', 0, 0];
  for (const byte of bytes) {
    value = (value << 8) | byte;
    for (bits += 8; bits >= 5; bits -= 5) text += base32Letters.charAt((value >> (bits - 5)) & 31);
    value &= 255;
  }
  return bits === 0 ? text : text + base32Letters.charAt((value << (5 - bits)) & 31);
}

/**
 * The URI that an authenticator app enrols from, usually by way of a QR code; in the form of Google Authenticator's "Key
 * URI Format".
 * @param account - who the app shows the code as, such as an e-mail address
 */
export function otpauthUri(
  secret: Uint8Array,
  { algorithm, digits }: Pick<TotpFactor, 'algorithm' | 'digits'>,
  { issuer, account }: { readonly issuer: string; readonly account: string },
): string {
  const label = `${encodeURIComponent(issuer)}:${encodeURIComponent(account)}`;
  const query = `secret=${base32(secret)}&issuer=${encodeURIComponent(issuer)}`;
  return `otpauth://totp/${label}?${query}&algorithm=${algorithm}&digits=${digits}&period=${stepSeconds}`;
}
