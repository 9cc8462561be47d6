import { expect, test } from 'vitest';
import { typed } from '../../testing/cli.ts';
import { textOf } from '../../testing/syntax.ts';
import { commandGroups, commands } from './commands.ts';
import { exitMeanings } from './exits.ts';
import { buildProgram } from './program.ts';

const misunderstandings: [line: string, complaint: RegExp][] = [
  ['', /^countersign: name a command: countersign and one of dev, serve, .*; see countersign --help\n$/],
  ['tenant', /^countersign: name a command: countersign tenant and one of list, show, create, change, balance; /],
  ['service test-number', /^countersign: name a command: countersign service test-number and one of set, remove; /],
  ['tennant list', /^countersign: unknown command 'tennant' \(Did you mean tenant\?\)\n$/],
  ['tenant lst', /^countersign: unknown command 'lst' \(Did you mean list\?\)\n$/],
  ['tenant list --jsn', /^countersign: unknown option '--jsn' \(Did you mean --json\?\)\n$/],
  ['send +33612345678 --chanel sms', /^countersign: unknown option '--chanel' \(Did you mean --channel\?\)\n$/],
  ['send', /^countersign: missing required argument 'recipient'\n$/],
  ['tenant list now', /^countersign: too many arguments for 'list'. Expected 0 arguments but got 1\.\n$/],
  ['tenant create A --daily-sends-max many', /'many' is invalid\. It must be a whole number\.\n$/],
  ['api-key create A --expires-at 31/01/2027', /is invalid\. Write it as 2027-01-31 or 2027-01-31T12:00:00Z\.\n$/],
  ['tenant change', /^countersign: say what to change; see tenant change --help\n$/],
  ['tenant balance A --add 1 --take 1', /^countersign: say one of --add and --take\n$/],
  ['tenant balance A --add 1,5', /is invalid\. It must be an amount such as 12\.50\.\n$/],
  ['api-key list --operator --tenant A', /^countersign: say --tenant or --operator, not both\n$/],
  ['check', /^countersign: say the recipient, or --id and the id of the verification\n$/],
  ['check --id x --service login 123456', /^countersign: --service goes with a recipient, not with --id\n$/],
  ['check +33612345678', /^countersign: say the code, or - to read it from standard input\n$/],
  ['check +33612345678 -', /^countersign: the code is empty\n$/],
  ['completion tcsh', /^countersign: there is completion for bash, zsh, fish\n$/],
];

test.each(misunderstandings)('countersign %s ends with 2 and says why, and asks no server', async (line, complaint) => {
  const args = line.split(' ').filter((word) => word !== '');
  const { exit, out, err, asked } = await typed(args, {});
  expect({ exit, out, asked }).toEqual({ exit: 2, out: '', asked: [] });
  expect(err).toMatch(complaint);
});

test('a problem is JSON with --json, wherever it stands', async () => {
  const { exit, out, err } = await typed(['tennant', '--json'], {});
  expect({ exit, out }).toEqual({ exit: 2, out: '' });
  const problem = { code: 'usage', detail: "unknown command 'tennant' (Did you mean tenant?)", exit: 2 };
  expect(JSON.parse(err)).toEqual({ problem });
});

test.each(commands.map((spec) => [spec.name, spec] as const))(
  '%s has a help text with an example that it takes',
  async (name, spec) => {
    const { exit, out, err } = await typed([...name.split(' '), '--help'], {});
    expect({ exit, err }).toEqual({ exit: 0, err: '' });
    expect(out).toMatch(/^Usage: countersign /);
    expect(out).toContain(`\nExample:\n  ${spec.example}\n`);
    for (const flag of ['--config <file>', '--data-dir <dir>', '--json', '--no-color']) expect(out).toContain(flag);

    const taken: string[] = [];
    const program = buildProgram(
      '1.2.3',
      () => undefined,
      async (one) => void taken.push(one.name),
    );
    const [command = ''] = spec.example.split(' > ');
    await program.parseAsync(command.split(' ').slice(1), { from: 'user' });
    expect(taken).toEqual([name]);
  },
);

test('every group of commands says what it holds', () => {
  const groups = commands.flatMap(({ name }) => {
    const words = name.split(' ');
    return words.slice(1).map((_, depth) => words.slice(0, depth + 1).join(' '));
  });
  expect(Object.keys(commandGroups).sort()).toEqual([...new Set(groups)].sort());
  for (const [group, sentence] of Object.entries(commandGroups)) {
    const held = commands
      .filter(({ name }) => name.startsWith(`${group} `))
      .map(({ name }) => name.slice(group.length + 1));
    const names = [...new Set(held.map((rest) => rest.split(' ')[0]))];
    expect(sentence).toContain(`: ${names.join(', ')}.`);
  }
});

test('the help lists the commands and the exit codes', async () => {
  const { exit, out } = await typed(['--help'], {});
  expect(exit).toBe(0);
  for (const { name } of commands) expect(out).toMatch(new RegExp(`^  ${name.split(' ')[0]} `, 'm'));
  for (const [code, meaning] of Object.entries(exitMeanings)) expect(out).toContain(`  ${code}  ${meaning}\n`);
  expect(await typed(['help'], {})).toMatchObject({ exit: 0, out });
  expect(await typed(['--version'], {})).toMatchObject({ exit: 0, out: '1.2.3\n' });
});

test('docs/cli.md has every command with its example and no other, and the exit codes', () => {
  const text = textOf('docs/cli.md');
  const listed = [...text.matchAll(/^\| `countersign ([a-z -]+?)(?: [<[].*?)?` +\| (.*?) +\| `(.*?)` +\|$/gm)];
  expect(listed.map(([, name]) => name)).toEqual(commands.map(({ name }) => name));
  expect(listed.map(([, , , example]) => example)).toEqual(commands.map(({ example }) => example));
  const codes = [...text.matchAll(/^\| (\d) +\| (.*?) +\|$/gm)].map(([, code, meaning]) => [code, meaning]);
  expect(codes).toEqual(Object.entries(exitMeanings));
});
