import { digest } from './bytes.ts';

const form = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Whether a text has the form of our ids, in lower case; see RFC 9562 section 4. */
export function isUuid(text: string): boolean {
  return form.test(text);
}

/** An id that follows from what it names: the same for the same parts, and of version 8; see RFC 9562 section 5.8. */
export function derivedUuid(...parts: readonly (string | number)[]): string {
  const hex = digest(JSON.stringify(parts)).toString('hex');
  const variant = ((Number.parseInt(hex.charAt(16), 16) & 3) | 8).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
