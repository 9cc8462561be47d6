import { Argument, Command, type CommanderError, Option } from 'commander';
import { commandGroups, commands } from './commands.ts';
import { exitMeanings } from './exits.ts';
import type { GlobalOptions } from './session.ts';
import type { CommandSpec, Options } from './spec.ts';

/** Runs a command that was understood. */
export type Run = (
  spec: CommandSpec,
  args: readonly (string | undefined)[],
  options: Options,
  global: GlobalOptions,
) => Promise<void>;

const globalOptions: readonly (readonly [flags: string, does: string])[] = [
  ['--config <file>', 'settings file; countersign.yaml in this directory if there is one'],
  ['--data-dir <dir>', 'where everything is kept; goes before COUNTERSIGN_DATA_DIR'],
  ['--json', 'one JSON document on standard output, problems as JSON on standard error'],
  ['--no-color', 'no colours; there are none away from a terminal or with NO_COLOR set'],
];

const intro = 'Sends one-time codes, checks them, proves it did so exactly once.';

const outro = `
Most commands ask the server that runs in the data directory. If none does, they open the directory themselves.

Exit codes:
${Object.entries(exitMeanings)
  .map(([exit, meaning]) => `  ${exit}  ${meaning}`)
  .join('\n')}

Examples:
  countersign dev
  countersign help service test-number set`;

/** Reads the command line. What it writes itself are help texts; what it does not understand it throws. */
export function buildProgram(version: string, write: (text: string) => void, run: Run): Command {
  const program = new Command('countersign')
    .description(intro)
    .version(version, '-V, --version', 'the version')
    .helpOption('-h, --help', 'this text')
    .helpCommand('help [command...]', 'the help of a command')
    .exitOverride()
    .configureOutput({ writeOut: write, writeErr() {} })
    .configureHelp({ showGlobalOptions: true, styleTitle: (title) => title })
    .addHelpText('after', outro);
  for (const [flags, does] of globalOptions) program.addOption(new Option(flags, does));
  for (const spec of commands) add(program, spec, run);
  return program;
}

function add(program: Command, spec: CommandSpec, run: Run): void {
  const names = spec.name.split(' ');
  const name = names.pop() ?? '';
  const made = names.reduce((parent, _, depth) => group(parent, names.slice(0, depth + 1)), program).command(name);
  made.description(spec.does).addHelpText('after', `\nExample:\n  ${spec.example}`);
  for (const argument of spec.takes?.split(' ') ?? []) made.addArgument(new Argument(argument));
  for (const { flags, does, parse } of spec.options ?? []) {
    const option = new Option(flags, does);
    made.addOption(parse === undefined ? option : option.argParser(parse));
  }
  made.action(async () => run(spec, made.processedArgs, made.opts(), program.opts()));
}

/** The command that only holds others, made when its first one comes. */
function group(parent: Command, path: readonly string[]): Command {
  const name = path.at(-1) ?? '';
  const known = parent.commands.find((one) => one.name() === name);
  return known ?? parent.command(name).description(commandGroups[path.join(' ')] ?? '');
}

/** What was not understood, in one line; undefined when a help text or the version was asked for. */
export function misunderstood(error: CommanderError, program: Command, args: readonly string[]): string | undefined {
  const { exitCode: ends, code: kind } = error;
  if (ends === 0) return undefined;
  if (kind === 'commander.help') return unfinished(program, args);
  const [said = '', ...hints] = error.message.replace(/^error: /, '').split('\n');
  return [said, ...hints].join(' ');
}

/** The command line ended at a group. */
function unfinished(program: Command, args: readonly string[]): string {
  let at = program;
  for (const arg of args) at = at.commands.find((one) => one.name() === arg) ?? at;
  const path = [];
  for (let one: Command | null = at; one !== null; one = one.parent) path.unshift(one.name());
  const names = at.commands.map((one) => one.name()).join(', ');
  return `name a command: ${path.join(' ')} and one of ${names}; see ${path.join(' ')} --help`;
}
