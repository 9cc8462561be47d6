import { runCli } from '../src/cli/cli.ts';
import type { CliParts } from '../src/cli/parts.ts';
import { socketApi } from '../src/main/control-client.ts';
import { type ControlServer, openControlServer, type Script } from './control-server.ts';

export interface Typed {
  readonly exit: number;
  readonly out: string;
  readonly err: string;
}

export interface CliOptions extends Partial<Omit<CliParts, 'terminal'>> {
  /** Somebody looks and types; what they type, answer by answer. */
  readonly answers?: readonly string[];
  /** What is on standard input where nobody types. */
  readonly input?: string;
}

/** Runs a command line inside this process, with a server on a socket that answers from a script. */
export async function typed(args: readonly string[], script: Script, options: CliOptions = {}) {
  await using server = await openControlServer(script);
  return { ...(await typedTo(server, args, options)), asked: server.asked };
}

export async function typedTo(
  server: ControlServer,
  args: readonly string[],
  options: CliOptions = {},
): Promise<Typed> {
  const { answers, input = '', ...parts } = options;
  const waiting = [...(answers ?? [])];
  let [out, err] = ['', ''];
  const isTerminal = answers !== undefined;
  const missing = () => Promise.reject(new Error('this test has no such part'));
  const exit = await runCli(args, {
    version: '1.2.3',
    plain: false,
    cwd: '/somewhere',
    connect: async () => socketApi(server.socket),
    dev: missing,
    serve: missing,
    migrate: missing,
    restore: missing,
    exampleSettings: async () => 'listen: 127.0.0.1:8080\n',
    listSettings: async () => [],
    checkSettings: async () => ({ file: null, problems: [] }),
    gatherFacts: missing,
    ...parts,
    terminal: {
      out: (text) => {
        out += text;
      },
      err: (text) => {
        err += text;
      },
      outIsTerminal: isTerminal,
      errIsTerminal: isTerminal,
      inIsTerminal: isTerminal,
      async prompt(question) {
        err += question;
        return waiting.shift() ?? '';
      },
      readInput: async () => input,
    },
  });
  return { exit, out, err };
}
