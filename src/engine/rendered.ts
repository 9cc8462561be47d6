import { codeOf } from '../domain/code.ts';
import type { KeyRings } from '../domain/keys.ts';
import { defaultTemplate, render } from '../domain/template.ts';
import type { Message } from './provider.ts';
import { referenceOf, type SendJob } from './send-job.ts';
import type { Service } from './tenancy.ts';

/** The message of a send, with its code in clear. @throws UnknownKey when the rings lack the key of the code */
export function rendered(job: SendJob, service: Service | undefined, rings: KeyRings, nowMs: number): Message {
  const { channel, recipient, expiresAtMs } = job;
  const code = codeOf(job.code, rings);
  const brand = service?.brand ?? '';
  const minutes = String(minutesLeft(expiresAtMs, nowMs));
  const text = render(job.template ?? defaultTemplate, { code, brand, minutes }, job.placeholder);
  const sender = job.sender ?? service?.sender ?? '';
  return { channel, recipient, sender, brand, text, code, expiresAtMs, reference: referenceOf(job) };
}

/** To the nearest minute: a retry a few seconds later has the same text. */
function minutesLeft(expiresAtMs: number, nowMs: number): number {
  return Math.max(1, Math.round((expiresAtMs - nowMs) / 60_000));
}
