import { domainToASCII } from 'node:url';
import {
  type CountryCode,
  getCountryCallingCode,
  isSupportedCountry,
  parsePhoneNumberFromString,
} from 'libphonenumber-js/max';
import type { Channel } from './channel.ts';
import { type LineKind, lineOfType } from './line.ts';
import type { FieldProblem } from './policy.ts';

export interface Recipient {
  readonly kind: 'phone' | 'email';
  /** Canonical: E.164, or an ASCII e-mail address in lower case. Every spelling has one canonical form. */
  readonly value: string;
  /** ISO 3166 alpha-2, of a phone number. */
  readonly country?: string;
  /** What stands behind a phone number. */
  readonly line?: LineKind;
}

export interface RecipientRules {
  /** Reads a national number; without it a number must begin with `+`. */
  readonly country?: string | undefined;
  /** Development mode: numbers of a known calling code pass although nobody can own them. */
  readonly fictitious: boolean;
}

const phoneLengthMax = 40;
const emailLengthMax = 254;

/** Reads what a caller wrote as the recipient. */
export function parseRecipient(text: string, rules: RecipientRules): Recipient | FieldProblem {
  return text.includes('@') ? parseEmail(text) : parsePhone(text, rules);
}

export function isProblem(result: Recipient | FieldProblem): result is FieldProblem {
  return 'remedy' in result;
}

function parsePhone(text: string, { country, fictitious }: RecipientRules): Recipient | FieldProblem {
  // Checked before any parsing, so that the work stays bounded.
  if (text.length > phoneLengthMax || !/^\+?[0-9 ().\-/]+$/.test(text)) {
    return { field: 'recipient', remedy: 'must be a phone number such as +33612345678, or an e-mail address' };
  }
  if (country !== undefined && !isSupportedCountry(country)) {
    return { field: 'country', remedy: 'must be an ISO 3166 country of two capital letters, such as FR' };
  }
  if (country === undefined && !text.startsWith('+')) {
    return { field: 'recipient', remedy: 'must begin with + and the calling code, or come with its country' };
  }
  const number = parsePhoneNumberFromString(text, country as CountryCode | undefined);
  // A number is valid when some range has it; which one is asked once, and tells the kind of line too.
  const type = number?.getType();
  const valid = type !== undefined || number?.isValid();
  if (number === undefined || !(valid || (fictitious && number.isPossible()))) {
    return { field: 'recipient', remedy: 'is not a phone number in use anywhere; check its digits' };
  }
  const readIn = text.startsWith('+') ? undefined : (country as CountryCode | undefined);
  const region = number.country ?? regionOf(number.countryCallingCode, readIn);
  const line = lineOfType(number, type);
  return { kind: 'phone', value: number.number, line, ...(region === undefined ? {} : { country: region }) };
}

/**
 * The country of a number that no range tells apart: the one it was read in, else the main one of its code. Read in a
 * country, `00 881 …` is still a number of another code.
 */
function regionOf(prefix: string, country: CountryCode | undefined): string | undefined {
  const own = country && String(getCountryCallingCode(country));
  if (own === prefix) return country;
  const sample = parsePhoneNumberFromString(`+${prefix}`.padEnd(12, '2'));
  return sample?.country ?? sample?.getPossibleCountries()[0];
}

const localPart = /^[a-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*$/;
/** What a domain may be written in. The resolver's rules would quietly drop new lines, and cut at a slash. */
const writtenDomain = /^[a-zA-Z0-9.\u0080-\uffff-]+$/;
const label = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

function parseEmail(text: string): Recipient | FieldProblem {
  const problem = { field: 'recipient', remedy: 'must be one plain e-mail address, such as ada@example.com' };
  if (text.length > emailLengthMax) return problem;
  const at = text.lastIndexOf('@');
  const local = text.slice(0, at).toLowerCase();
  const written = text.slice(at + 1);
  if (local.length > 64 || !localPart.test(local) || !writtenDomain.test(written)) return problem;
  const domain = domainToASCII(written);
  const labels = domain.split('.');
  if (labels.length < 2 || !labels.every((part) => label.test(part)) || /^[0-9]+$/.test(labels.at(-1) ?? '')) {
    return problem;
  }
  const value = `${local}@${domain}`;
  return value.length > emailLengthMax ? problem : { kind: 'email', value };
}

/** The channel that a recipient's form asks for. */
export function defaultChannel(recipient: Recipient): Channel {
  return recipient.kind === 'email' ? 'email' : 'sms';
}

/** Whether a channel can reach a recipient of this form. */
export function reaches(channel: Channel, recipient: Recipient): boolean {
  return (channel === 'email') === (recipient.kind === 'email');
}
