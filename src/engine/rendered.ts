import { codeOf } from '../domain/code.ts';
import type { KeyRings } from '../domain/keys.ts';
import type { Send } from '../domain/send.ts';
import { defaultTemplate, render, shortTemplate } from '../domain/template.ts';
import type { Verification } from '../domain/verification.ts';
import type { Message } from './provider.ts';
import { referenceOf, type SendJob } from './send-job.ts';
import type { Service } from './tenancy.ts';

/** The message of a send, with its code in clear. @throws UnknownKey when the rings lack the key of the code */
export function rendered(job: SendJob, service: Service | undefined, rings: KeyRings, nowMs: number): Message {
  const { channel, recipient, expiresAtMs } = job;
  const code = codeOf(job.code, rings);
  const brand = service?.brand ?? '';
  const { template, placeholder, lastLine } = job;
  const text = textOf({ template, placeholder, lastLine, code, brand, lifeMs: expiresAtMs - nowMs });
  const sender = job.sender ?? service?.sender ?? '';
  return { channel, recipient, sender, brand, text, code, expiresAtMs, reference: referenceOf(job) };
}

/** What stands in a message. */
export interface MessageText {
  readonly template?: string | undefined;
  /** What the code is called in the template, where that is its only placeholder. */
  readonly placeholder?: string | undefined;
  /** What an app looks for at the end. */
  readonly lastLine?: string | undefined;
  readonly code: string;
  readonly brand: string;
  readonly lifeMs: number;
}

/** A message that an app reads may have so many bytes. @see SMS Retriever API, "Construct a verification message" */
const appReadBytesMax = 140;

export function textOf({ template, placeholder, lastLine, code, brand, lifeMs }: MessageText): string {
  // To the nearest minute: a retry a few seconds later has the same text.
  const minutes = String(Math.max(1, Math.round(lifeMs / 60_000)));
  const values = { code, brand, minutes };
  const text = render(template ?? defaultTemplate, values, template === undefined ? undefined : placeholder);
  if (lastLine === undefined) return text;
  const whole = `${text}\n${lastLine}`;
  const fits = template !== undefined || Buffer.byteLength(whole) <= appReadBytesMax;
  return fits ? whole : `${render(shortTemplate, values)}\n${lastLine}`;
}

/** What a message said, but for its code. */
export interface ShownMessage {
  readonly sender: string;
  readonly text: string;
}

/** A message as others than its recipient may see it, by the service as it is now. */
export function shownMessage(verification: Verification, send: Send, service: Service | undefined): ShownMessage {
  const { sender, template, terms, code, expiresAtMs } = verification;
  const { placeholder, lastLine } = terms ?? {};
  const brand = service?.brand ?? '';
  const masked = '•'.repeat(code.length);
  const lifeMs = expiresAtMs - send.createdAtMs;
  const text = textOf({ template, placeholder, lastLine, code: masked, brand, lifeMs });
  return { sender: sender ?? service?.sender ?? '', text };
}
