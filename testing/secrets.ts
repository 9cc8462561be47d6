/* Looks for secrets where they should not be. */

/** How a secret may be spelled where it should not be. */
function spellings(secret: string): string[] {
  const bytes = Buffer.from(secret);
  const [plain, url] = [bytes.toString('base64'), bytes.toString('base64url')];
  // The last characters of base64 depend on what follows.
  const ends = [plain, url].map((text) => text.replace(/=+$/, '').slice(0, -1));
  return [secret, secret.toLowerCase(), encodeURIComponent(secret), bytes.toString('hex'), ...ends];
}

/** Those of the secrets that stand in a text, in whichever spelling. */
export const found = (text: string, secrets: readonly string[]) =>
  secrets.filter((secret) => spellings(secret).some((spelled) => text.includes(spelled)));
