import { type Fields, fieldsOf, textOf, unreadable } from '../../http/loose-fields.ts';

/*
 * The shapes on the wire. Sources: The SMS Works' OpenAPI documents and what its SDKs send and refuse. They are read by
 * hand and not by a schema: a number may stand for text, null and `{}` for nothing, and what is unknown is passed over.
 * What cannot be read is an EdgeRefusal with the name of the field.
 */

/** Seconds, where the request names none. */
const validityDefault = 300;
const validityMax = 86_400;
/** Ten parts of a message, and a little: nobody reads more, and every part costs. */
const templateMax = 1600;
const senderForm = /^(?:[A-Za-z0-9]{1,11}|\+?[0-9]{1,15})$/;
const placeholder = '{{passcode}}';

export function readSend(body: unknown) {
  const fields = given(body);
  return {
    destination: required(fields, 'destination'),
    sender: matching(fields, 'sender', senderForm, 'must be at most 11 letters and digits, or at most 15 digits'),
    length: readLength(fields.length),
    template: readTemplate(fields.template),
    validity: readValidity(fields.validity),
    passcode: matching(fields, 'passcode', /^[A-Za-z0-9]{4,20}$/, 'must be 4 to 20 letters and digits'),
    metadata: readMetadata(fields.metadata),
  };
}

export function readVerify(body: unknown) {
  const fields = given(body);
  const passcode = required(fields, 'passcode');
  return { passcode, messageid: optional(fields, 'messageid'), destination: optional(fields, 'destination') };
}

export function readLogin(body: unknown) {
  const { key, secret } = given(body);
  if (typeof key !== 'string' || key === '') throw unreadable('key', 'is required, as text');
  if (typeof secret !== 'string' || secret.length === 0) throw unreadable('secret', 'is required, as text');
  return { key, secret };
}

function given(value: unknown, name = 'The body', remedy = 'must be a JSON object'): Fields {
  const fields = fieldsOf(value);
  if (fields === undefined) throw unreadable(name, remedy);
  return fields;
}

/** Text, or a whole number in its place, though none below 0; undefined for null and for nothing. */
function optional(fields: Fields, name: string): string | undefined {
  const value = fields[name] ?? undefined;
  const text = typeof value === 'number' && value < 0 ? undefined : textOf(value);
  if (text === undefined && value !== undefined) throw unreadable(name, 'must be text');
  return text;
}

function required(fields: Fields, name: string): string {
  const value = optional(fields, name);
  if (value === undefined || value === '') throw unreadable(name, 'is required');
  return value;
}

function matching(fields: Fields, name: string, form: RegExp, remedy: string): string | undefined {
  const value = optional(fields, name);
  if (value === undefined || form.test(value)) return value;
  throw unreadable(name, remedy);
}

/** One SDK can send nothing but an object here. */
function readLength(value: unknown): number | undefined {
  if (value === undefined || value === null || value === '{}' || isEmptyObject(value)) return undefined;
  const length = typeof value === 'string' && /^[0-9]{1,2}$/.test(value) ? Number(value) : value;
  if (typeof length === 'number' && Number.isInteger(length) && length >= 4 && length <= 10) return length;
  throw unreadable('length', 'must be a whole number from 4 to 10');
}

function isEmptyObject(value: unknown): boolean {
  const fields = fieldsOf(value);
  return fields !== undefined && Object.keys(fields).length === 0;
}

function readTemplate(template: unknown): string | undefined {
  if (template === undefined || template === null) return undefined;
  if (typeof template !== 'string' || !template.includes(placeholder)) {
    throw unreadable('template', `must be text that contains ${placeholder}`);
  }
  if (template.length <= templateMax) return template;
  throw unreadable('template', `must be at most ${templateMax} characters long`);
}

function readValidity(value: unknown): number {
  if (value === undefined || value === null) return validityDefault;
  if (typeof value === 'number' && value > 0 && value <= validityMax) return value;
  throw unreadable('validity', `must be a number of seconds above 0 and up to ${validityMax}`);
}

/** PHP spells an empty map as an empty list, and its SDK gives one out for the `{}` of an answer. */
function readMetadata(value: unknown): Fields | undefined {
  const isNone = value === undefined || value === null || (Array.isArray(value) && value.length === 0);
  return isNone ? undefined : given(value, 'metadata', 'must be an object');
}
