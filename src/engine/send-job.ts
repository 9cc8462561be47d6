import type { Channel } from '../domain/channel.ts';
import type { CodeSource } from '../domain/code.ts';
import type { Send } from '../domain/send.ts';
import { codeSource, type Verification } from '../domain/verification.ts';

/** What a delivery worker needs to carry one try of a send. It holds the code's salt: it is never logged. */
export interface SendJob {
  readonly number: number;
  /** Which try of the send this is; with the process's epoch it fences what is recorded of it. */
  readonly tries: number;
  readonly provider: string;
  readonly channel: Channel;
  readonly recipient: string;
  readonly service: string;
  readonly sender?: string | undefined;
  readonly template?: string | undefined;
  /** What the code is called in the template, where that is its only placeholder. */
  readonly placeholder?: string | undefined;
  /** Stands alone on the last line. */
  readonly lastLine?: string | undefined;
  readonly code: CodeSource;
  readonly createdAtMs: number;
  readonly expiresAtMs: number;
  /** Something later in the same commit may have ended it: it is to be looked at before it is carried. */
  readonly outdated?: boolean | undefined;
}

/** Whether the message would still carry the code that counts. */
export function isCurrent({ code }: SendJob, verification: Verification | undefined): boolean {
  return verification?.status === 'pending' && verification.code.generation === code.generation;
}

/** What the process that already owns a new send is to carry; undefined when it is for any process, or for nobody. */
export function jobFor(verification: Verification, send: Send): SendJob | undefined {
  return send.epoch === undefined ? undefined : jobOf(verification, send);
}

/** @throws Error when the send names no provider: a mistake in our code */
export function jobOf(verification: Verification, send: Send): SendJob {
  const [provider] = send.providers;
  if (provider === undefined) throw new Error('a send names no provider');
  const { recipient, service, sender, template, createdAtMs, expiresAtMs } = verification;
  const { number, tries, channel } = send;
  const code = codeSource(verification);
  const { placeholder, lastLine } = verification.terms ?? {};
  return {
    number,
    tries,
    provider,
    channel,
    recipient,
    service,
    sender,
    template,
    code,
    createdAtMs,
    expiresAtMs,
    placeholder: template === undefined ? undefined : placeholder,
    lastLine,
  };
}

/** The provider's idempotency key: the same for every try of a send. */
export function referenceOf({ code, number }: Pick<SendJob, 'code' | 'number'>): string {
  return `${code.verificationId}-${number}`;
}
