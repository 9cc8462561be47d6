import { channels } from '../src/domain/channel.ts';
import type { Message, Provider, ProviderOutcome } from '../src/engine/provider.ts';
import { until } from './until.ts';

/** A provider that keeps what it is given, so that a test can read the codes. */
export interface Outbox {
  readonly provider: Provider;
  /** In the order they came. */
  readonly messages: readonly Message[];
  /** A verification's message, once it has come. @param number - 1 for the first one */
  message(verificationId: string, number?: number): Promise<Message>;
  /** The code in that message, which begins its text. */
  code(verificationId: string, number?: number): Promise<string>;
  /** What the next messages meet, instead of being accepted. */
  answer(how: () => ProviderOutcome | Promise<ProviderOutcome>): void;
}

export function createOutbox(): Outbox {
  const messages: Message[] = [];
  let answer: () => ProviderOutcome | Promise<ProviderOutcome> = () => ({ kind: 'accepted' });
  const message = (verificationId: string, number = 1) =>
    until(`message ${number} of ${verificationId}`, () =>
      messages.find(({ reference }) => reference === `${verificationId}-${number}`),
    );
  return {
    provider: {
      name: 'outbox',
      channels,
      deduplicates: true,
      async send(sent) {
        messages.push(sent);
        return answer();
      },
    },
    messages,
    message,
    async code(verificationId, number) {
      return (await message(verificationId, number)).text.split(' ', 1)[0] ?? '';
    },
    answer(how) {
      answer = how;
    },
  };
}
