/*
 * The last line of defence. What is logged is chosen field by field; but the words of an error come from a library, a
 * driver or a provider, and may quote what they were given.
 */

const mask = '[masked]';
/** Nobody reads further, and the work stays bounded. */
const lengthMax = 32_768;

const credentials = /\bcs_[a-z]{1,8}_[0-9A-Za-z_-]{8,}|\bcst_[0-9a-f_]{8,}|\bwhsec_[A-Za-z0-9+/=_-]+/g;
const schemes = /\b(bearer|basic)\s+[^\s"',;)]{1,4096}/gi;
/** In some paths a code stands at the end. */
const codesInPaths = /(\/verify\/)[^\s"'?]{1,4096}/gi;
const addresses = /[^\s<>"'(),:;@[\]\\]{1,64}@[^\s<>"'(),:;@[\]\\]{1,255}/g;
const numbers = /\+\d{7,15}/g;
/** Alone: no part of a name, of an id, of an address in memory or of a number with a decimal point. */
const codes = /(?<![\w.+-])\d{4,10}(?![\w-]|\.\d)/g;

/** What JSON leaves as it is and a terminal may obey or a reader may be misled by: C1 controls, line and text direction. */
const controls = /[\u007f-\u009f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** Masks API keys, tokens of users, webhook secrets, codes at the end of a path, credentials of an Authorization header, e-mail addresses and international numbers. */
export function scrub(text: string): string {
  return text
    .slice(0, lengthMax)
    .replace(credentials, mask)
    .replace(schemes, `$1 ${mask}`)
    .replace(codesInPaths, `$1${mask}`)
    .replace(addresses, mask)
    .replace(numbers, mask)
    .replace(controls, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** The same for words of others, which may quote a message: there, four to ten digits that stand alone may be a code. */
export function scrubMessage(text: string): string {
  return scrub(text).replace(codes, mask);
}

/** A stack begins with the message; the lines of its frames keep the numbers of lines and columns. */
export function scrubStack(text: string): string {
  return text
    .slice(0, lengthMax)
    .split('\n')
    .map((line) => (/^\s+at /.test(line) ? scrub(line) : scrubMessage(line)))
    .join('\n');
}
