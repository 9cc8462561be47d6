import type { OnProgress } from './api.ts';
import type { Terminal } from './parts.ts';

export interface ProgressLine {
  readonly tell: OnProgress;
  readonly end: () => void;
}

const leastMs = 100;
const erase = '\r\u001b[K';

/** How far long work is: one line on standard error that is written again and again, on a terminal only. */
export function progressLine(terminal: Terminal, what: string, now = () => performance.now()): ProgressLine {
  if (!terminal.errIsTerminal) return { tell() {}, end() {} };
  let toldAtMs = Number.NEGATIVE_INFINITY;
  return {
    tell(done, total) {
      if (now() - toldAtMs < leastMs && done < total) return;
      toldAtMs = now();
      terminal.err(`${erase}${what}: ${soFar(done, total)}`);
    },
    end() {
      if (toldAtMs !== Number.NEGATIVE_INFINITY) terminal.err(erase);
    },
  };
}

/** Work that does not know how much there is counts as it goes. */
function soFar(done: number, total: number): string {
  const count = done.toLocaleString('en-US');
  return total <= done ? count : `${count} of ${total.toLocaleString('en-US')} (${Math.floor((100 * done) / total)} %)`;
}
