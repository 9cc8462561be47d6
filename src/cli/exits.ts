/** What a command ends with. docs/cli.md and the help list them. */
export const exits = { done: 0, failed: 1, usage: 2, refused: 3, unavailable: 4, found: 5 } as const;
export type Exit = (typeof exits)[keyof typeof exits];

export const exitMeanings: Readonly<Record<Exit, string>> = {
  0: 'done',
  1: 'could not, with the reason',
  2: 'not understood: the command line or the settings',
  3: 'refused by a rule: not found, in conflict, over a limit; a code that was not the right one',
  4: 'the server or its store is not available',
  5: 'doctor or audit verify found something to mend',
};

/** Why a command ends without doing what was asked. Every line says what is wrong and what to do. */
export class CommandProblem extends Error {
  readonly exit: Exit;
  /** Stable, snake case: what programs branch on. */
  readonly code: string;
  /** What else a program may want to know, such as `field` and `status`. */
  readonly facts: Readonly<Record<string, unknown>>;

  constructor(exit: Exit, code: string, detail: string, facts: Readonly<Record<string, unknown>> = {}) {
    super(detail);
    this.name = 'CommandProblem';
    this.exit = exit;
    this.code = code;
    this.facts = facts;
  }
}

/** Something in the command line that cannot be meant. */
export function misused(detail: string): CommandProblem {
  return new CommandProblem(exits.usage, 'usage', detail);
}
