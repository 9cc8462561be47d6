import { CommanderError } from 'commander';
import { CommandProblem, type Exit, exits, misused } from './exits.ts';
import { painter } from './paint.ts';
import type { CliParts, Terminal } from './parts.ts';
import { buildProgram, misunderstood, type Run } from './program.ts';
import { type GlobalOptions, openSession, type Reply } from './session.ts';

/** Does what a command line says, and writes what came of it. Never throws. @param args - without the program's name */
export async function runCli(args: readonly string[], parts: CliParts): Promise<Exit> {
  const { terminal, version } = parts;
  let exit: Exit = exits.done;
  const run: Run = async (spec, positional, options, global) => {
    exit = await finished(parts, global, (session) => spec.run(session, positional, options));
  };
  const program = buildProgram(version, (text) => terminal.out(text), run);
  try {
    await program.parseAsync(args, { from: 'user' });
    return exit;
  } catch (error) {
    const said = error instanceof CommanderError ? misunderstood(error, program, args) : undefined;
    if (error instanceof CommanderError && said === undefined) return exits.done;
    // What was not understood may be just where the options are, so --json is looked for by itself.
    return complain(parts, said === undefined ? error : misused(said), args.includes('--json'), true);
  }
}

async function finished(
  parts: CliParts,
  global: GlobalOptions,
  work: (session: ReturnType<typeof openSession>) => Promise<Reply>,
): Promise<Exit> {
  const json = global.json === true;
  const session = openSession(parts, global);
  let exit: Exit;
  try {
    const reply = await work(session);
    show(parts.terminal, reply, json);
    exit = reply.exit ?? exits.done;
  } catch (error) {
    exit = complain(parts, error, json, global.color);
  }
  try {
    await session.close();
    return exit;
  } catch (error) {
    return complain(parts, error, json, global.color);
  }
}

function show(terminal: Terminal, { json, text }: Reply, asJson: boolean): void {
  const shown = asJson ? JSON.stringify(json, null, 2) : text;
  if (shown !== undefined && shown !== '') terminal.out(`${shown.replace(/\n+$/, '')}\n`);
}

function complain({ terminal, plain }: CliParts, error: unknown, asJson: boolean, coloured: boolean): Exit {
  const { exit, code, facts, message } = problemOf(error);
  if (asJson) {
    terminal.err(`${JSON.stringify({ problem: { code, detail: message, ...facts, exit } })}\n`);
  } else {
    const paint = painter(terminal.errIsTerminal && coloured && !plain);
    for (const line of message.split('\n')) terminal.err(`${paint('red', 'countersign:')} ${line}\n`);
  }
  return exit;
}

/** A fault of ours says its first line alone: the rest is for nobody who types commands. */
function problemOf(error: unknown): CommandProblem {
  if (error instanceof CommandProblem) return error;
  const [said = 'something failed'] = (error instanceof Error ? error.message : String(error)).split('\n', 1);
  return new CommandProblem(exits.failed, 'failed', said);
}
