import { pino } from 'pino';
import { type Log, type LogFields, logFields } from '../engine/log.ts';
import { scrub, scrubMessage, scrubStack } from './scrub.ts';

export const logLevels = ['error', 'warn', 'info', 'silent'] as const;
export type LogLevel = (typeof logLevels)[number];

/** Longest line, in bytes without its end. */
const lineMax = 8192;
const messageMax = 1024;
const stackMax = 4096;
const textMax = 512;
const itemsMax = 20;
const causesMax = 3;

/**
 * Structured lines on standard error, one JSON object each, made of listed fields only.
 * @param write - where the lines go instead, for tests
 */
export function createLog(level: LogLevel, write?: (line: string) => void): Log {
  const out = write === undefined ? pino.destination({ fd: 2, sync: true }) : { write };
  const bounded = { write: (line: string) => void out.write(withinBounds(line)) };
  // Errors have been made plain by then; pino's own form of them would add their type and whatever hangs on them.
  const serializers = { err: (facts: unknown) => facts };
  const logger = pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime, serializers }, bounded);
  return {
    error: (fields, message) => logger.error(listed(fields), scrub(message)),
    warn: (fields, message) => logger.warn(listed(fields), scrub(message)),
    info: (fields, message) => logger.info(listed(fields), scrub(message)),
  };
}

/** The fields that may be logged; the names of others under `unlisted`, without what they hold. */
function listed(fields: LogFields): Record<string, unknown> {
  const entries = Object.entries(fields);
  const known = entries.filter(([name]) => Object.hasOwn(logFields, name));
  const unlisted = entries.filter(([name]) => !Object.hasOwn(logFields, name)).map(([name]) => scrub(name));
  const written = Object.fromEntries(known.map(([name, value]) => [name, textOf(name, value)]));
  return unlisted.length === 0 ? written : { ...written, unlisted: unlisted.slice(0, itemsMax) };
}

function textOf(name: string, value: unknown): unknown {
  if (name === 'err') return errorFacts(value, causesMax);
  if (name === 'fault') return scrubStack(String(value)).slice(0, stackMax);
  if (Array.isArray(value)) return value.slice(0, itemsMax).map(plain);
  return plain(value);
}

/** No objects: what they hold was not chosen. */
function plain(value: unknown): string | number | boolean | null | undefined {
  if (typeof value === 'string') return scrub(value).slice(0, textMax);
  if (typeof value === 'number' || typeof value === 'boolean' || value === undefined || value === null) return value;
  return typeof value;
}

function errorFacts(error: unknown, causesLeft: number): Record<string, unknown> {
  if (!(error instanceof Error)) return { message: scrubMessage(String(error)).slice(0, messageMax) };
  const { name, message, stack, cause } = error;
  const { code } = error as { readonly code?: unknown };
  return {
    name: scrub(String(name)).slice(0, textMax),
    ...(typeof code === 'string' || typeof code === 'number' ? { code: plain(code) } : {}),
    message: scrubMessage(String(message)).slice(0, messageMax),
    ...(stack === undefined ? {} : { stack: scrubStack(stack).slice(0, stackMax) }),
    ...(cause === undefined || causesLeft === 0 ? {} : { cause: errorFacts(cause, causesLeft - 1) }),
  };
}

/** A line that is too long loses its causes, then its stack, then every field. */
function withinBounds(line: string): string {
  if (fits(line)) return line;
  const { err, fault: _, ...rest } = JSON.parse(line) as { err?: Record<string, unknown>; fault?: unknown };
  const { cause: _cause, ...without } = err ?? {};
  const { stack: _stack, ...bare } = without;
  const { level, time, msg } = rest as Record<string, unknown>;
  const shorter = [
    { ...rest, err: without },
    { ...rest, err: bare },
    { level, time, msg: String(msg).slice(0, messageMax) },
  ].map((content) => `${JSON.stringify({ ...content, shortened: true })}\n`);
  return shorter.find(fits) ?? `${JSON.stringify({ level, time, shortened: true })}\n`;
}

function fits(line: string): boolean {
  return Buffer.byteLength(line) <= lineMax + 1;
}
