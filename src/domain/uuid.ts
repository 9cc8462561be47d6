const form = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Whether a text has the form of our ids, in lower case; see RFC 9562 section 4. */
export function isUuid(text: string): boolean {
  return form.test(text);
}
