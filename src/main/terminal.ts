import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { misused } from '../cli/exits.ts';
import type { Terminal } from '../cli/parts.ts';

const inputMax = 4096;

/** The terminal, or whatever stands in its place, of this process. */
export function processTerminal({
  stdin,
  stdout,
  stderr,
}: Pick<NodeJS.Process, 'stdin' | 'stdout' | 'stderr'>): Terminal {
  // Whoever reads may leave before the end, as `head` does: there is nobody to tell.
  for (const stream of [stdout, stderr]) stream.on('error', () => undefined);
  return {
    out: (text) => void stdout.write(text),
    err: (text) => void stderr.write(text),
    outIsTerminal: stdout.isTTY === true,
    errIsTerminal: stderr.isTTY === true,
    inIsTerminal: stdin.isTTY === true,
    async prompt(question, hidden) {
      const lines =
        hidden === undefined
          ? createInterface({ input: stdin, output: stderr })
          : createInterface({ input: stdin, output: nowhere(), terminal: stdin.isTTY === true });
      if (hidden !== undefined) stderr.write(question);
      // Ctrl-C and the end of the input answer nothing, rather than wait for ever.
      const gone = new AbortController();
      lines.on('SIGINT', () => lines.close()).on('close', () => gone.abort());
      try {
        return await lines.question(question, { signal: gone.signal });
      } catch (error) {
        if (gone.signal.aborted) return '';
        throw error;
      } finally {
        lines.close();
        // The line end that was typed was not shown either.
        if (hidden !== undefined) stderr.write('\n');
      }
    },
    async readInput() {
      let text = '';
      for await (const chunk of stdin.setEncoding('utf8')) {
        text += chunk;
        if (text.length > inputMax) throw misused(`standard input holds more than ${inputMax} characters`);
      }
      return text;
    },
  };
}

/** Where what is typed is shown to nobody. */
function nowhere(): Writable {
  return new Writable({ write: (_chunk, _encoding, done) => done() });
}
