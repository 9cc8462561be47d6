import { digest } from '../domain/bytes.ts';
import type { ProvenKey } from './tenancy.ts';

const rememberedMs = 60_000;
const entriesMax = 10_000;

/** A token that was taken apart, and the API key that it was found to be of. */
export interface SeenToken<Token> {
  readonly name: string;
  readonly token: Token;
  readonly of: ProvenKey | undefined;
  readonly untilMs: number;
}

/**
 * Remembers for a minute what was found to be genuine, as it was read: a token comes with every request of its holder.
 * Only those are remembered, so that a flood of forged ones forgets nobody, and by their digests, so that how long a look
 * takes reveals nothing.
 */
export class GenuineTokens<Token> {
  readonly #nowMs: () => number;
  readonly #read: (text: string) => Token | undefined;
  readonly #seen = new Map<string, SeenToken<Token>>();

  /** @param read - takes a text apart; undefined when it cannot be a token */
  constructor(nowMs: () => number, read: (text: string) => Token | undefined) {
    this.#nowMs = nowMs;
    this.#read = read;
  }

  read(text: string): SeenToken<Token> | undefined {
    const name = digest(text).toString('base64');
    const seen = this.#seen.get(name);
    if (seen !== undefined && seen.untilMs > this.#nowMs()) return seen;
    const token = this.#read(text);
    return token && { name, token, of: undefined, untilMs: 0 };
  }

  /** Whether it is genuine. @param look - finds it out; asked again for every other record of a key, however alike */
  isOf(seen: SeenToken<Token>, key: ProvenKey, look: () => boolean): boolean {
    if (seen.of === key) return true;
    if (!look()) return false;
    if (this.#seen.size >= entriesMax) this.#seen.clear();
    this.#seen.set(seen.name, { ...seen, of: key, untilMs: this.#nowMs() + rememberedMs });
    return true;
  }
}
