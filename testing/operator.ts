import { runCli } from '../src/cli/cli.ts';
import { cliParts } from '../src/main/cli-parts.ts';
import { command, run } from './process.ts';

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Standard output as JSON. */
  json<T = Record<string, unknown>>(): T;
}

/** Types command lines, each a process of its own as users start them. @param env - what they all have */
export function processOperator(env: Readonly<Record<string, string>>) {
  return async (line: string, input?: string): Promise<Ended> => {
    const args = line.split(' ');
    if (input === undefined) return ended(await run(process.execPath, [command, ...args], env));
    const script = 'input=$1; shift; printf %s "$input" | "$@"';
    return ended(await run('bash', ['-c', script, 'bash', input, process.execPath, command, ...args], env));
  };
}

/** The same inside this process: everything but the start of a program. */
export function operator(env: Readonly<Record<string, string>>, cwd = '/') {
  return async (line: string, input = ''): Promise<Ended> => {
    let [stdout, stderr] = ['', ''];
    const terminal = {
      out(text: string) {
        stdout += text;
      },
      err(text: string) {
        stderr += text;
      },
      outIsTerminal: false,
      errIsTerminal: false,
      inIsTerminal: false,
      prompt: async () => '',
      readInput: async () => input,
    };
    const code = await runCli(line.split(' '), cliParts({ env, cwd }, terminal));
    return ended({ code, stdout, stderr });
  };
}

function ended(how: Omit<Ended, 'json'>): Ended {
  return { ...how, json: () => JSON.parse(how.stdout) };
}
