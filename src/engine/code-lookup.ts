import { type CodeSource, codeOf } from '../domain/code.ts';
import { type CodeGuesses, withGuess } from '../domain/code-guesses.ts';
import { codeTag, type SpentTag, tagKeptMs } from '../domain/code-tag.ts';
import { type KeyRings, keyOf } from '../domain/keys.ts';
import type { Verification } from '../domain/verification.ts';
import type { Loaded, Reads, Writes } from './command.ts';

/** How a verification is to be found by its code alone. */
export interface CodeLookup {
  /** The pepper key that the tags were made with. */
  readonly keyId: string;
  /** Codes that it may have, in order of choice. */
  readonly candidates: readonly CodeCandidate[];
}

export interface CodeCandidate {
  readonly generation: number;
  readonly length: number;
  readonly tag: string;
}

const candidatesMax = 8;
/** The last of them are longer, so that one is free however many codes of the asked length are taken. */
const longerFrom = 6;
const longerBy = 2;
const shortest = 6;
const lengthMax = 10;

/** Eight codes that the verification may have. A code that the caller chose is the only one. */
export function lookupFor(source: CodeSource, rings: KeyRings): CodeLookup {
  const keyId = rings.pepper.activeId;
  const key = keyOf(rings, 'pepper', keyId);
  const candidate = (generation: number, length: number): CodeCandidate => {
    const code = codeOf({ ...source, generation, length }, rings);
    return { generation, length, tag: codeTag(key, source.tenantId, code) };
  };
  if (source.sealed !== undefined) return { keyId, candidates: [candidate(source.generation, source.length)] };
  const lengths = Array.from({ length: candidatesMax }, (_, index) =>
    index < longerFrom ? source.length : Math.min(lengthMax, source.length + longerBy),
  );
  return { keyId, candidates: lengths.map((length, index) => candidate(index + 1, length)) };
}

export function lookupReads({ candidates }: CodeLookup): Reads {
  return { codeTags: candidates.map(({ tag }) => tag), codeGuesses: true };
}

/** The code that a new verification has: the first one that no other live verification of the tenant has. */
export function freeCandidate({ candidates }: CodeLookup, loaded: Loaded, nowMs: number): CodeCandidate {
  const isTaken = ({ tag }: CodeCandidate) => loaded.tagged(tag).some(({ eraseAtMs }) => eraseAtMs - tagKeptMs > nowMs);
  const free = candidates.find((candidate) => !isTaken(candidate)) ?? candidates.at(-1);
  if (free === undefined) throw new Error('a lookup without a code');
  return free;
}

/** What makes a verification findable, and counts it. */
export function lookupWrites(
  { keyId }: CodeLookup,
  { tag }: CodeCandidate,
  { tenantId, id, expiresAtMs }: Verification,
  guesses: CodeGuesses,
  nowMs: number,
): Pick<Writes, 'newCodeTags' | 'codeGuesses'> {
  return {
    newCodeTags: [{ tenantId, verificationId: id, keyId, tag, eraseAtMs: expiresAtMs + tagKeptMs }],
    codeGuesses: withGuess(guesses, 'sent', nowMs),
  };
}

/** What becomes of the tag of a verification whose code was right. Only a generated code is shown. */
export function spentTag({ id, code: { salt } }: Verification, nowMs: number): SpentTag {
  return { verificationId: id, ...(salt === undefined ? {} : { salt }), eraseAtMs: nowMs + tagKeptMs };
}

/** How many codes of a length may be live: one in ten thousand of those that there are. */
export function liveCodesMost(length: number): number {
  return 9 * 10 ** (length - 5);
}

/** The shortest code that a tenant's live codes leave room for. @param countLive - counts them, up to a number */
export async function lengthForAlone(least: number, countLive: (most: number) => Promise<number>): Promise<number> {
  for (let length = Math.max(shortest, least); length < lengthMax; length++) {
    const most = liveCodesMost(length);
    if ((await countLive(most + 1)) <= most) return length;
  }
  return lengthMax;
}
