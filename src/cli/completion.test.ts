import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { commandGroups, commands } from './commands.ts';
import { completionScript, shells } from './completion.ts';

const script = (shell: (typeof shells)[number]) => completionScript(shell, { commands, groups: commandGroups });
const bash = (text: string, ...args: string[]) =>
  spawnSync('bash', ['--norc', ...args], { input: text, encoding: 'utf8', timeout: 10_000 });

test.each(['bash', 'zsh'] as const)('the script for %s is one that a shell can read', (shell) => {
  expect(bash(script(shell), '-n')).toMatchObject({ status: 0, stderr: '' });
});

const typed: [words: string[], offered: string[]][] = [
  [[''], ['dev', 'serve', 'tenant', 'api-key', 'doctor', 'completion', '--json']],
  [['ten'], ['tenant']],
  [
    ['tenant', ''],
    ['list', 'show', 'create', 'change'],
  ],
  [
    ['service', 'test-number', ''],
    ['set', 'remove'],
  ],
  [['service', 'test-number', 's'], ['set']],
  [
    ['tenant', 'create', 'Acme', '--da'],
    ['--daily-sends-max', '--data-dir'],
  ],
  [['--json', 'audit', 'v'], ['verify']],
];

test.each(typed)('bash offers after %j what may follow', (words, offered) => {
  const line = ['countersign', ...words].map((word) => `'${word}'`).join(' ');
  const ask = `COMP_WORDS=(${line}); COMP_CWORD=${words.length}; _countersign; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { status, stdout, stderr } = bash(`${script('bash')}\n${ask}`);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  const given = stdout.trim().split('\n');
  expect(given).toEqual(expect.arrayContaining(offered));
  if (words.at(-1) !== '') expect(given.sort()).toEqual([...offered].sort());
});

test.each(shells)('the script for %s knows every command and every option', (shell) => {
  const text = script(shell);
  for (const { name, options = [] } of commands) {
    expect(text).toContain(`"${name}"`);
    for (const [flag] of options.flatMap(({ flags }) => [...flags.matchAll(/--[a-z-]+/g)]))
      expect(text).toContain(flag);
  }
});

test('names are such that no shell reads anything else into them', () => {
  for (const { name } of commands) expect(name).toMatch(/^[a-z]+(?:[ -][a-z]+)*$/);
});
