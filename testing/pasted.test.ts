import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { authorityFile, certificate } from './certificates.ts';
import { type MailServer, openMailServer } from './mail-server.ts';
import { command, type Process, startProcess, temporaryDirectory } from './process.ts';
import { textOf } from './syntax.ts';
import { until } from './until.ts';

/*
 * What an operator pastes from docs/getting-started.md and docs/operations.md, pasted: against a real SMTP server with
 * TLS and a login, the real command and a real server. Installing, systemd and the paths of a whole machine are stood in
 * for; everything else is as it stands in the documents.
 */

const login = { user: 'countersign', password: 'correct horse battery staple' };

let directory: ReturnType<typeof temporaryDirectory>;
let mails: MailServer;
let port: number;

beforeAll(async () => {
  directory = temporaryDirectory();
  mails = await openMailServer({ ...certificate('localhost'), login });
  port = await freePort();
});
afterAll(async () => {
  await mails[Symbol.asyncDispose]();
  directory[Symbol.dispose]();
});

test('e-mail verification in production, by the commands of the documents', { timeout: 240_000 }, async () => {
  await using shell = paste([...blocksOf('docs/getting-started.md', 'Settings'), ...blocksOf('docs/operations.md')]);
  const said = (pattern: RegExp) =>
    until(String(pattern), () => pattern.exec(shell.stdout)?.[1] ?? ended(shell), 60_000);

  shell.type(login.password);
  shell.type(await said(/(cs_live_[0-9a-f_]+)/));
  shell.type('ada@your-company.com');
  const { to, text = '' } = await mails.mail(1);
  expect(to?.map(({ address }) => address)).toEqual(['ada@your-company.com']);
  shell.type(/\b[0-9]{6}\b/.exec(text)?.[0] ?? '');

  expect([(await shell.ended).code, shell.stderr]).toEqual([0, expect.not.stringContaining('countersign:')]);
  expect(shell.stdout).toContain('"result":"verified"');
  expect(shell.stdout).toContain('every block was pasted');
  expect(mails.mails).toHaveLength(1);
});

/** Ends the wait for something that can no longer come. */
function ended({ stdout, stderr, exited }: Shell): undefined {
  if (exited()) throw new Error(`the shell has ended:\n${stdout}\n${stderr}`);
  return undefined;
}

interface Shell extends Process {
  exited(): boolean;
}

/** Runs blocks of commands in one shell, each after the other; the first that fails ends it. */
function paste(blocks: readonly string[]): Shell {
  const { path } = directory;
  for (const name of ['etc/secrets', 'data', 'backups', 'systemd'])
    mkdirSync(join(path, name), { recursive: true, mode: 0o700 });
  const script = join(path, 'script.sh');
  writeFileSync(script, [preludeOf(path), ...blocks.map(adapted), 'echo every block was pasted', ''].join('\n'));
  const shell = startProcess('bash', [script], { HOME: path });
  let over = false;
  void shell.ended.then(() => {
    over = true;
  });
  return Object.defineProperties({ exited: () => over } as Shell, Object.getOwnPropertyDescriptors(shell));
}

/** The blocks of commands below a heading and all that follow it, or of a whole document. */
function blocksOf(document: string, from?: string): string[] {
  const text = textOf(document);
  const rest = from === undefined ? text : text.slice(text.indexOf(`\n## ${from}\n`));
  const blocks = [...rest.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, block = '']) => block);
  expect(blocks.length).toBeGreaterThan(5);
  return blocks.filter((block) => !elsewhere.test(block));
}

/** Fetching another version, and starting in a second terminal: not for a test. */
const elsewhere = /git pull|^sudo -u countersign countersign serve/m;

/** The paths of a whole machine, below one directory; the mail server of this test in place of a public one. */
function adapted(block: string): string {
  const { path } = directory;
  return block
    .replaceAll('/etc/countersign', join(path, 'etc'))
    .replaceAll('/etc/systemd/system', join(path, 'systemd'))
    .replaceAll('/var/lib/countersign', join(path, 'data'))
    .replaceAll('/var/backups/countersign', join(path, 'backups'))
    .replaceAll('127.0.0.1:8080', `127.0.0.1:${port}`)
    .replace(/^( *)tls: starttls.*$/m, `$1tls: starttls\n$1port: ${mails.port}\n$1caFile: ${authorityFile}`);
}

/** What stands in for the machine: users, systemd, and the installed command. */
function preludeOf(path: string): string {
  return `
set -euo pipefail
umask 077
cd ${path}
mkdir deploy && touch deploy/countersign.service
export SMTP_HOST=localhost SMTP_USER=${login.user} MAIL_FROM=login@your-company.com
SERVER=
trap 'test -z "$SERVER" || kill -KILL "$SERVER" 2>/dev/null || true' EXIT
countersign() { '${process.execPath}' '${command}' "$@"; }
sudo() { shift 2; "$@"; }
journalctl() { cat log; }
install() {
  local kept=()
  while [ $# -gt 0 ]; do case $1 in -o | -g) shift 2 ;; *) kept+=("$1"); shift ;; esac; done
  command install "\${kept[@]}"
}
systemctl() {
  case $1 in
    start | enable | restart)
      case "$*" in *timer*) return ;; esac
      test -z "$SERVER" || systemctl stop
      '${process.execPath}' '${command}' serve --config ${path}/etc/countersign.yaml >>log 2>&1 </dev/null &
      SERVER=$!
      curl -sf --retry 100 --retry-connrefused --retry-delay 0 --retry-max-time 20 http://127.0.0.1:${port}/readyz >/dev/null
      ;;
    stop) kill "$SERVER" && wait "$SERVER"; SERVER= ;;
    set-environment) export "$2" ;;
    unset-environment) unset "$2" ;;
  esac
}
`;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}
