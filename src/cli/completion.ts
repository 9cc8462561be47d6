import type { CommandSpec } from './spec.ts';

export const shells = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof shells)[number];

export interface CommandTree {
  readonly commands: readonly CommandSpec[];
  readonly groups: Readonly<Record<string, string>>;
}

const globalFlags = ['--config', '--data-dir', '--json', '--no-color', '--help'];

/** What may follow, by the words before it: names of commands after a group, flags after a command. */
function wordsByPath({ commands, groups }: CommandTree): ReadonlyMap<string, readonly string[]> {
  const below = (path: string) => {
    const start = path === '' ? '' : `${path} `;
    const names = commands.filter(({ name }) => name.startsWith(start)).map(({ name }) => name.slice(start.length));
    return [...new Set(names.map((rest) => rest.split(' ')[0] ?? ''))];
  };
  const flagsOf = ({ options = [] }: CommandSpec) => options.flatMap(({ flags }) => flags.match(/--[a-z-]+/g) ?? []);
  return new Map([
    ...['', ...Object.keys(groups)].map((path) => [path, [...below(path), ...globalFlags]] as const),
    ...commands.map((spec) => [spec.name, [...flagsOf(spec), ...globalFlags]] as const),
  ]);
}

/** A script for a shell to read at its start. Names are ours: small letters and hyphens, which no shell reads otherwise. */
export function completionScript(shell: Shell, tree: CommandTree): string {
  const words = wordsByPath(tree);
  if (shell === 'bash') return bash(words);
  return shell === 'zsh' ? zsh(words) : fish(words);
}

type Words = ReturnType<typeof wordsByPath>;

const cases = (words: Words, line: (path: string, follow: string) => string) =>
  [...words].map(([path, follow]) => line(path, follow.join(' '))).join('\n');

/** In bash and zsh: walks the words before the cursor as far as they are commands, then knows what may follow. */
const walkAndChoose = (words: Words) => `    before=$at
    at="\${at:+$at }$word"
    case "$at" in
${cases(words, (path) => `      "${path}") ;;`)}
      *) at=$before ;;
    esac
  done
  case "$at" in
${cases(words, (path, follow) => `    "${path}") follow="${follow}" ;;`)}
  esac`;

const bash = (words: Words) => `# countersign, completion for bash: source <(countersign completion bash)
_countersign() {
  local at="" before="" word="" follow=""
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
${walkAndChoose(words)}
  COMPREPLY=($(compgen -W "$follow" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o bashdefault -o default -F _countersign countersign
`;

const zsh = (words: Words) => `#compdef countersign
# countersign, completion for zsh: source <(countersign completion zsh)
_countersign() {
  local at="" before="" word="" follow=""
  for word in "\${(@)words[2,CURRENT-1]}"; do
${walkAndChoose(words)}
  compadd -- \${=follow}
}
compdef _countersign countersign
`;

const fish = (words: Words) => `# countersign, completion for fish: countersign completion fish | source
function __countersign_follow
    set -l path ""
    for word in (commandline -opc)[2..]
        set -l next (string trim "$path $word")
        switch "$next"
            case ${[...words.keys()].map((path) => `"${path}"`).join(' ')}
                set path "$next"
        end
    end
    switch "$path"
${cases(words, (path, follow) => `        case "${path}"\n            string split " " "${follow}"`)}
    end
end
complete -c countersign -a "(__countersign_follow)"
`;
