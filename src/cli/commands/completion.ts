import { type CommandTree, completionScript, shells } from '../completion.ts';
import { misused } from '../exits.ts';
import { type CommandSpec, command } from '../spec.ts';

/** @param tree - all commands, which this one is among */
export function completionCommands(tree: () => CommandTree): readonly CommandSpec[] {
  return [
    command(
      {
        name: 'completion',
        takes: '<shell>',
        does: `Prints what makes a shell complete commands and options: ${shells.join(', ')}.`,
        example: 'countersign completion bash',
      },
      async (_, [named]) => {
        const shell = shells.find((name) => name === named);
        if (shell === undefined) throw misused(`there is completion for ${shells.join(', ')}`);
        const script = completionScript(shell, tree());
        return { json: { shell, script }, text: script };
      },
    ),
  ];
}
