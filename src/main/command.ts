import { runCli } from '../cli/cli.ts';
import { cliParts } from './cli-parts.ts';
import { processTerminal } from './terminal.ts';

// Whatever this process writes is its owner's alone: the database holds recipients.
process.umask(0o077);

const parts = cliParts({ env: process.env, cwd: process.cwd() }, processTerminal(process));
process.exitCode = await runCli(process.argv.slice(2), parts);
