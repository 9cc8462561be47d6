import { createCipheriv, createDecipheriv } from 'node:crypto';

const nonceBytes = 12;
const tagBytes = 16;

/**
 * AES-256-GCM (NIST SP 800-38D). The result is nonce, ciphertext, tag; `context` is authenticated, so that a sealed
 * value moved to another row cannot be opened.
 * @param key - 32 bytes
 * @param nonce - 12 bytes, never used twice under one key
 */
export function seal(key: Uint8Array, nonce: Uint8Array, plain: Uint8Array, context: readonly string[]): Buffer {
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(associated(context));
  return Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

/** Opens what `seal` closed. @throws Error when key, context or a byte differs */
export function openSealed(key: Uint8Array, sealed: Uint8Array, context: readonly string[]): Buffer {
  const bytes = Buffer.from(sealed.buffer, sealed.byteOffset, sealed.byteLength);
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, nonceBytes), { authTagLength: tagBytes });
  decipher.setAAD(associated(context)).setAuthTag(bytes.subarray(-tagBytes));
  return Buffer.concat([decipher.update(bytes.subarray(nonceBytes, -tagBytes)), decipher.final()]);
}

/** The same plain text, sealed under another key. @param nonce - as of `seal` @throws Error as `openSealed` does */
export function resealed(
  sealed: Uint8Array,
  from: Uint8Array,
  to: Uint8Array,
  context: readonly string[],
  nonce: Uint8Array,
): Buffer {
  return seal(to, nonce, openSealed(from, sealed, context), context);
}

function associated(context: readonly string[]): Buffer {
  return Buffer.from(JSON.stringify(context), 'utf8');
}
