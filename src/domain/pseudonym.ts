import { hmac } from './bytes.ts';
import { type KeyRings, keyOf } from './keys.ts';

/** Stands for the recipient of a verification that was erased on request: it tells nothing at all. */
export const erasedRecipient = '#erased';

/**
 * What stands for a recipient once its time is over: the same for the same recipient of one tenant, and nothing
 * that it could be read from without the pepper. `#<key id>:<16 bytes of an HMAC in hexadecimal>`.
 * @throws UnknownKey when the ring does not hold `keyId`
 */
export function pseudonymOf(tenantId: string, recipient: string, keys: KeyRings, keyId = keys.pepper.activeId): string {
  const pepper = keyOf(keys, 'pepper', keyId);
  return `#${keyId}:${hmac(pepper, 'pseudonym', tenantId, recipient).toString('hex', 0, 16)}`;
}

/** Whether the recipient is gone already. An e-mail address may begin with `#` too, but has an `@`. */
export function isPseudonym(recipient: string): boolean {
  return recipient.startsWith('#') && !recipient.includes('@');
}
