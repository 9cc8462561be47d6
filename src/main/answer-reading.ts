import type { Readable } from 'node:stream';
import type { ApiAnswer, OnProgress } from '../cli/api.ts';
import { CommandProblem, exits } from '../cli/exits.ts';

/* What comes back from a control API, as JSON or as lines of it. */

const answerBytesMax = 64 * 1024 * 1024;

/** An answer that ends before its end: nobody knows what came of it. */
export async function whole<T>(reading: Promise<T>): Promise<T> {
  try {
    return await reading;
  } catch (error) {
    throw error instanceof Error && 'code' in error && !(error instanceof CommandProblem) ? brokenOff() : error;
  }
}

function brokenOff(): CommandProblem {
  const detail = 'the server broke off in the middle of its answer; look at its log, and whether it was done';
  return new CommandProblem(exits.unavailable, 'broken_off', detail);
}

export async function textOf(body: Readable): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of body) {
    const bytes = Buffer.from(chunk as Uint8Array);
    length += bytes.length;
    if (length > answerBytesMax) throw new Error('the answer is too long');
    chunks.push(bytes);
  }
  return Buffer.concat(chunks).toString('utf8');
}

export function parsed(text: string): unknown {
  if (text === '') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    throw new CommandProblem(exits.unavailable, 'unreadable_answer', 'the server answered something that is not JSON');
  }
}

interface Line {
  readonly progress?: { readonly done: number; readonly total: number };
  readonly result?: unknown;
  readonly problem?: Problem;
}

interface Problem {
  readonly code?: string;
  readonly status?: number;
}

/** The head of the answer said 200 before anybody knew. */
function statusOf({ code: kind, status }: Problem): number {
  return status ?? (kind === 'internal_error' ? 500 : 409);
}

/** Tells progress line by line; the last line says what came of it. */
export async function lastLine(body: Readable, onProgress: OnProgress): Promise<ApiAnswer> {
  let answer: ApiAnswer | undefined;
  for await (const text of linesOf(body)) {
    const { progress, result, problem } = parsed(text) as Line;
    if (progress !== undefined) onProgress(progress.done, progress.total);
    else if (problem !== undefined) answer = { status: statusOf(problem), body: problem };
    else answer = { status: 200, body: result };
  }
  if (answer === undefined) throw brokenOff();
  return answer;
}

async function* linesOf(body: Readable): AsyncGenerator<string> {
  let rest = '';
  for await (const chunk of body.setEncoding('utf8')) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > answerBytesMax) throw new Error('a line is too long');
    yield* lines.filter((line) => line !== '');
  }
  if (rest !== '') yield rest;
}
