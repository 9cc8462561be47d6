import type { Started } from '../cli/parts.ts';
import { failureOf } from './failures.ts';
import { startServer } from './serve.ts';
import { type DevelopmentServer, startDevelopment } from './serve-development.ts';
import type { Settings } from './settings.ts';
import { version } from './version.ts';

/** Starts development mode; this process then goes on until it is told to stop. @throws CommandProblem */
export async function dev(settings: Settings): Promise<Started> {
  try {
    const server = await startDevelopment(settings, died);
    stopOnSignal(server);
    const { url, credentials } = server;
    const json = { url, dataDir: settings.dataDir, apiKey: credentials.native.apiKey };
    return { text: banner(server, settings), json };
  } catch (error) {
    throw failureOf(error, settings);
  }
}

/** Starts the server; this process then goes on until it is told to stop. @throws CommandProblem */
export async function serve(settings: Settings): Promise<Started> {
  try {
    const server = await startServer(settings, died);
    stopOnSignal(server);
    const { url } = server;
    const { dataDir } = settings;
    return { text: `Countersign ${version} listens at ${url}, with its data in ${dataDir}`, json: { url, dataDir } };
  } catch (error) {
    throw failureOf(error, settings);
  }
}

function died(error: Error): void {
  process.stderr.write(`countersign: the store has died (${error.message}); start again\n`);
  process.exit(1);
}

const stopMs = 25_000;

/** The first signal lets what is under way finish; a second one, or too long a wait, ends it. */
function stopOnSignal(server: { close(): Promise<void> }): void {
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

function banner({ url, credentials, commands }: DevelopmentServer, { dataDir }: Settings): string {
  const steps = commands.steps.map(({ title, command }, index) => `  ${index + 1}. ${title}\n${indented(command)}`);
  return `
Countersign ${version}, development mode: every message goes to the inbox, nothing is really sent.

  Open     ${url}
  API key  ${credentials.native.apiKey}
  Others   ${url}/dev/credentials has what clients of other vendors ask for
  Data     ${dataDir}

${steps.join('\n\n')}

Stop with Ctrl-C; the next start finds its data and key again.
`;
}

function indented(text: string): string {
  return text.replace(/^/gm, '     ');
}
