import { type CodeSource, codeOf } from '../domain/code.ts';
import { type CodeGuesses, withGuess } from '../domain/code-guesses.ts';
import { codeTag, type SpentTag, tagKeptMs } from '../domain/code-tag.ts';
import { type KeyRings, keyOf } from '../domain/keys.ts';
import type { Verification } from '../domain/verification.ts';
import type { Loaded, Writes } from './command.ts';

/** How a verification is to be found by its code alone. */
export interface CodeLookup {
  /** The pepper key that the tags were made with. */
  readonly keyId: string;
  /** Codes that it may have, in order of choice. */
  readonly candidates: readonly CodeCandidate[];
  /** Where all of them are taken, the command is to come again with more; otherwise the last is shared. */
  readonly hasMore?: true | undefined;
}

/** Other verifications have the codes that the command came with. */
export interface CodeTaken {
  readonly kind: 'code-taken';
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

/** The first code that the verification may have: nearly always it is free. A code that the caller chose is the only one. */
export function lookupFor(source: CodeSource, rings: KeyRings): CodeLookup {
  const keyId = rings.pepper.activeId;
  const candidates = [candidateOf(source, rings)];
  return source.sealed === undefined ? { keyId, candidates, hasMore: true } : { keyId, candidates };
}

/** All eight codes that it may have, that one among them. */
export function widerLookup(source: CodeSource, rings: KeyRings): CodeLookup {
  const lengths = Array.from({ length: candidatesMax }, (_, index) =>
    index < longerFrom ? source.length : Math.min(lengthMax, source.length + longerBy),
  );
  const candidates = lengths.map((length, index) => candidateOf({ ...source, generation: index + 1, length }, rings));
  return { keyId: rings.pepper.activeId, candidates };
}

function candidateOf(source: CodeSource, rings: KeyRings): CodeCandidate {
  const { tenantId, generation, length } = source;
  const key = keyOf(rings, 'pepper', rings.pepper.activeId);
  return { generation, length, tag: codeTag(key, tenantId, codeOf(source, rings)) };
}

export function tagsOf({ candidates }: CodeLookup): readonly string[] {
  return candidates.map(({ tag }) => tag);
}

/**
 * The code that a new verification has: the first one that no other live verification of the tenant has.
 * @returns undefined when the command is to come again with more
 */
export function freeCandidate(
  { candidates, hasMore }: CodeLookup,
  loaded: Loaded,
  nowMs: number,
): CodeCandidate | undefined {
  const isTaken = ({ tag }: CodeCandidate) => loaded.tagged(tag).some(({ eraseAtMs }) => eraseAtMs - tagKeptMs > nowMs);
  const free = candidates.find((candidate) => !isTaken(candidate));
  if (free !== undefined || hasMore === true) return free;
  const last = candidates.at(-1);
  if (last === undefined) throw new Error('a lookup without a code');
  return last;
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
