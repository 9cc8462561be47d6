/*
 * The shapes on the wire. Sources: The SMS Works' OpenAPI documents and what its SDKs send and refuse. They are read by
 * hand and not by a schema: a number may stand for text, null and `{}` for nothing, and what is unknown is passed over.
 */

export interface SendInput {
  readonly destination: string;
  readonly sender?: string | undefined;
  readonly length?: number | undefined;
  readonly template?: string | undefined;
  readonly validity: number;
  readonly passcode?: string | undefined;
  readonly metadata?: Readonly<Record<string, unknown>> | undefined;
}

export interface VerifyInput {
  readonly passcode: string;
  readonly messageid?: string | undefined;
  readonly destination?: string | undefined;
}

export interface LoginInput {
  readonly key: string;
  readonly secret: string;
}

/** A field that cannot be read; `remedy` goes on after its name. */
export class Unreadable extends Error {
  readonly field: string;
  readonly remedy: string;

  constructor(field: string, remedy: string) {
    super(`${field} ${remedy}`);
    this.field = field;
    this.remedy = remedy;
  }
}

/** Seconds, where the request names none. */
const validityDefault = 300;
const validityMax = 86_400;
/** Ten parts of a message, and a little: nobody reads more, and every part costs. */
const templateMax = 1600;
const senderForm = /^(?:[A-Za-z0-9]{1,11}|\+?[0-9]{1,15})$/;
const placeholder = '{{passcode}}';

/** @throws Unreadable */
export function readSend(body: unknown): SendInput {
  const fields = fieldsOf(body);
  return {
    destination: required(fields, 'destination'),
    sender: matching(fields, 'sender', senderForm, 'must be at most 11 letters and digits, or at most 15 digits'),
    length: readLength(fields.length),
    template: readTemplate(fields),
    validity: readValidity(fields.validity),
    passcode: matching(fields, 'passcode', /^[A-Za-z0-9]{4,20}$/, 'must be 4 to 20 letters and digits'),
    metadata: readMetadata(fields.metadata),
  };
}

/** @throws Unreadable */
export function readVerify(body: unknown): VerifyInput {
  const fields = fieldsOf(body);
  const passcode = required(fields, 'passcode');
  return { passcode, messageid: optional(fields, 'messageid'), destination: optional(fields, 'destination') };
}

/** @throws Unreadable */
export function readLogin(body: unknown): LoginInput {
  const { key, secret } = fieldsOf(body);
  if (typeof key !== 'string' || key === '') throw new Unreadable('key', 'is required, as text');
  if (typeof secret !== 'string' || secret.length === 0) throw new Unreadable('secret', 'is required, as text');
  return { key, secret };
}

type Fields = Readonly<Record<string, unknown>>;

function fieldsOf(body: unknown): Fields {
  if (typeof body === 'object' && body !== null && !Array.isArray(body)) return body as Fields;
  throw new Unreadable('The body', 'must be a JSON object');
}

/** Text, or a whole number in its place; undefined for null and for nothing. */
function optional(fields: Fields, name: string): string | undefined {
  const value = fields[name] ?? undefined;
  if (value === undefined || typeof value === 'string') return value;
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return String(value);
  throw new Unreadable(name, 'must be text');
}

function required(fields: Fields, name: string): string {
  const value = optional(fields, name);
  if (value === undefined || value === '') throw new Unreadable(name, 'is required');
  return value;
}

function matching(fields: Fields, name: string, form: RegExp, remedy: string): string | undefined {
  const value = optional(fields, name);
  if (value === undefined || form.test(value)) return value;
  throw new Unreadable(name, remedy);
}

/** One SDK can send nothing but an object here. */
function readLength(value: unknown): number | undefined {
  if (value === undefined || value === null || value === '{}' || isEmptyObject(value)) return undefined;
  const length = typeof value === 'string' && /^[0-9]{1,2}$/.test(value) ? Number(value) : value;
  if (typeof length === 'number' && Number.isInteger(length) && length >= 4 && length <= 10) return length;
  throw new Unreadable('length', 'must be a whole number from 4 to 10');
}

function isEmptyObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && Object.keys(value).length === 0;
}

function readTemplate(fields: Fields): string | undefined {
  const value = fields.template ?? undefined;
  if (value === undefined) return undefined;
  if (typeof value !== 'string' || !value.includes(placeholder)) {
    throw new Unreadable('template', `must be text that contains ${placeholder}`);
  }
  if (value.length > templateMax) {
    throw new Unreadable('template', `must be at most ${templateMax} characters long`);
  }
  return value;
}

function readValidity(value: unknown): number {
  if (value === undefined || value === null) return validityDefault;
  if (typeof value === 'number' && value > 0 && value <= validityMax) return value;
  throw new Unreadable('validity', `must be a number of seconds above 0 and up to ${validityMax}`);
}

function readMetadata(value: unknown): Fields | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'object' && !Array.isArray(value)) return value as Fields;
  throw new Unreadable('metadata', 'must be an object');
}
