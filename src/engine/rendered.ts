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
  const text = textOf({
    template: job.template,
    placeholder: job.placeholder,
    code,
    brand,
    lifeMs: expiresAtMs - nowMs,
  });
  const sender = job.sender ?? service?.sender ?? '';
  return { channel, recipient, sender, brand, text, code, expiresAtMs, reference: referenceOf(job) };
}

/** What stands in a message. */
export interface MessageText {
  readonly template?: string | undefined;
  /** What the code is called in the template, where that is its only placeholder. */
  readonly placeholder?: string | undefined;
  readonly code: string;
  readonly brand: string;
  readonly lifeMs: number;
}

export function textOf({ template, placeholder, code, brand, lifeMs }: MessageText): string {
  // To the nearest minute: a retry a few seconds later has the same text.
  const minutes = String(Math.max(1, Math.round(lifeMs / 60_000)));
  if (template === undefined) return render(defaultTemplate, { code, brand, minutes });
  return render(template, { code, brand, minutes }, placeholder);
}
