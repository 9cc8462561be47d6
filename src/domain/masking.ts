import { parsePhoneNumberFromString } from 'libphonenumber-js/max';
import { hmac } from './bytes.ts';

/**
 * What a log may say of a recipient: `+33…78 #9f86d081884c7d65` or `e-mail #…`. The hash is the same each time, so that
 * lines about one recipient can be found together, and tells nothing to whoever lacks the key.
 * @param recipient - canonical: E.164, or an e-mail address in lower case
 * @param key - raw bytes of the active pepper
 */
export function maskedRecipient(recipient: string, key: Uint8Array): string {
  return `${shown(recipient)} #${hmac(key, 'log', recipient).toString('hex', 0, 8)}`;
}

/** Enough to know it again for whoever has it: `+33…78`, or `j…@example.com`. */
export function shownRecipient(recipient: string): string {
  const at = recipient.lastIndexOf('@');
  return at === -1 ? shown(recipient) : `${recipient.slice(0, 1)}…${recipient.slice(at)}`;
}

function shown(recipient: string): string {
  if (recipient.includes('@')) return 'e-mail';
  const code = parsePhoneNumberFromString(recipient)?.countryCallingCode;
  return `+${code ?? ''}…${recipient.slice(-2)}`;
}
