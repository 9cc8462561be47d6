import { CommandProblem, exits } from '../exits.ts';
import { table } from '../layout.ts';
import { command } from '../spec.ts';

export const configCommands = [
  command(
    {
      name: 'config example',
      does: 'Prints a settings file with every setting, what it means and its default.',
      example: 'countersign config example > countersign.yaml',
    },
    async ({ parts }) => {
      const example = await parts.exampleSettings();
      return { json: { example }, text: example };
    },
  ),
  command<{ readonly development?: boolean }>(
    {
      name: 'config check',
      does: 'Reads the settings as serve would, and reports everything that is wrong with them.',
      example: 'countersign config check --config countersign.yaml',
      options: [{ flags: '--development', does: 'as dev would' }],
    },
    async ({ parts, where }, _, { development = false }) => {
      const { file, problems } = await parts.checkSettings(where, development ? 'development' : 'production');
      if (problems.length > 0) {
        throw new CommandProblem(exits.usage, 'bad_settings', problems.join('\n'), { file, problems });
      }
      return { json: { file, problems }, text: `the settings are good (${file ?? 'no file; the environment alone'})` };
    },
  ),
  command(
    {
      name: 'config list',
      does: 'Lists every setting: its key in the file, its variable, its default.',
      example: 'countersign config list',
    },
    async ({ parts, paint }) => {
      const settings = await parts.listSettings();
      const text = table(
        settings,
        [
          ['key', ({ key }) => key],
          ['variable', ({ variable }) => variable],
          ['default', ({ preset }) => preset],
          ['meaning', ({ does }) => does],
        ],
        paint,
        'there is no setting',
      );
      return { json: { settings }, text };
    },
  ),
];
