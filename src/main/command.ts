import { StoreLocked } from '../stores/sqlite/lock.ts';
import { BadDataDirectory } from './data-directory.ts';
import { type DevelopmentServer, startDevelopment } from './development.ts';
import { BadSettings, readSettings, type Settings } from './settings.ts';
import { version } from './version.ts';

const help = `countersign ${version}: sends one-time codes, checks them, proves it did so exactly once

Usage: countersign dev [--config FILE]  start development mode on this machine
       countersign --help               this text
       countersign --version            the version

Development mode keeps everything in one directory and delivers every message to an inbox that it shows at its URL.
It is set by the file countersign.yaml, or the one that --config names, and by environment variables:
  COUNTERSIGN_LISTEN         address and port          (127.0.0.1:8080)
  COUNTERSIGN_DATA_DIR       where everything is kept  (.countersign)
  COUNTERSIGN_DEV_TOKEN      what /dev/* and / then ask for; needed to listen beyond this machine
  COUNTERSIGN_LOG_LEVEL      error, warn, info or silent  (warn)
  COUNTERSIGN_CONFIRM_CLOCK  yes: the time of day is right although it is a day behind the database's
  COUNTERSIGN_CONFIG         the file, in the place of --config
docs/settings.md has them all.

Exit codes: 0 stopped as asked, 1 could not run, 2 not understood.
`;

await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<void> {
  const [command, ...rest] = args;
  if (command === '--version') return say(version);
  if (command === '--help' || command === '-h' || command === 'help') return say(help);
  if (command === 'dev' && (rest[0] === '--help' || rest[0] === '-h')) return say(help);
  const [option, configFile] = rest;
  const isUnderstood = rest.length === 0 || (rest.length === 2 && option === '--config');
  if (command !== 'dev' || !isUnderstood) {
    complain(
      command === undefined
        ? 'name a command: countersign dev'
        : `cannot do "${args.join(' ')}"; see countersign --help`,
    );
    process.exitCode = 2;
    return;
  }
  await dev(configFile);
}

async function dev(configFile: string | undefined): Promise<void> {
  // Whatever this process writes is its owner's alone: the database holds recipients.
  process.umask(0o077);
  let settings: Settings | undefined;
  try {
    settings = readSettings({
      mode: 'development',
      env: process.env,
      cwd: process.cwd(),
      configFile,
      providerTypes: [],
    });
    const server = await startDevelopment(settings, (error) => {
      complain(`the store has died (${error.message}); start again`);
      process.exit(1);
    });
    stopOnSignal(server);
    say(banner(server, settings));
  } catch (error) {
    for (const line of explained(error, settings)) complain(line);
    process.exitCode = 1;
  }
}

const stopMs = 25_000;

/** The first signal lets what is under way finish; a second one, or too long a wait, ends it. */
function stopOnSignal(server: DevelopmentServer): void {
  let stopping = false;
  const stop = async () => {
    if (stopping) process.exit(1);
    stopping = true;
    setTimeout(() => process.exit(1), stopMs).unref();
    await server.close();
    process.exit(0);
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
}

/** What a failed start means, in lines that say what to do. */
function explained(error: unknown, settings: Settings | undefined): readonly string[] {
  if (error instanceof BadSettings) return error.problems;
  if (error instanceof BadDataDirectory || error instanceof StoreLocked) return [error.message];
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  const where = settings === undefined ? '' : `${settings.listen.host}:${settings.listen.port}`;
  if (code === 'EADDRINUSE') return [`${where} is taken; stop what uses it, or choose another with COUNTERSIGN_LISTEN`];
  if (code === 'EACCES')
    return [`${where} may not be used by this user; choose a port above 1023 with COUNTERSIGN_LISTEN`];
  if (code === 'EADDRNOTAVAIL')
    return [`${where} is no address of this machine; choose another with COUNTERSIGN_LISTEN`];
  if (String(code).startsWith('SQLITE_') && error instanceof Error)
    return [`the database in ${settings?.dataDir} cannot be used (${error.message})`];
  return [error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error)];
}

function banner({ url, credentials, commands }: DevelopmentServer, { dataDir }: Settings): string {
  const steps = commands.steps.map(({ title, command }, index) => `  ${index + 1}. ${title}\n${indented(command)}`);
  return `
Countersign ${version}, development mode: every message goes to the inbox, nothing is really sent.

  Open     ${url}
  API key  ${credentials.native.apiKey}
  Data     ${dataDir}

${steps.join('\n\n')}

Stop with Ctrl-C; the next start finds its data and key again.
`;
}

function indented(text: string): string {
  return text.replace(/^/gm, '     ');
}

function say(text: string): void {
  process.stdout.write(`${text.trimEnd()}\n`);
}

function complain(line: string): void {
  process.stderr.write(`countersign: ${line}\n`);
}
