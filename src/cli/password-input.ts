import { misused } from './exits.ts';
import type { Terminal } from './parts.ts';

/**
 * A password, asked for on a terminal without showing it, else read from standard input: never an argument, so that it
 * is in no history of a shell and no list of processes. The line end behind it is not part of it.
 */
export async function passwordFrom(terminal: Terminal): Promise<string> {
  const asked = terminal.inIsTerminal && terminal.errIsTerminal;
  const typed = asked ? await terminal.prompt('Password: ', 'hidden') : await terminal.readInput();
  const password = typed.replace(/\r?\n$/, '');
  if (password === '') throw misused('the password is empty; type it, or give it on standard input');
  return password;
}
