import { misused } from './exits.ts';
import type { Terminal } from './parts.ts';

/**
 * A code that was typed as an argument, or better not: `-` reads it from standard input, and nothing at all asks for it
 * on a terminal, so that it is in no history of a shell and no list of processes.
 */
export async function codeFrom(terminal: Terminal, typed: string | undefined): Promise<string> {
  const code = typed === '-' || typed === undefined ? await read(terminal, typed) : typed;
  if (code.trim() === '') throw misused('the code is empty');
  return code.trim();
}

async function read(terminal: Terminal, typed: '-' | undefined): Promise<string> {
  if (terminal.inIsTerminal && terminal.errIsTerminal) return terminal.prompt('Code: ');
  if (typed === '-') return terminal.readInput();
  throw misused('say the code, or - to read it from standard input');
}
