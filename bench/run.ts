/** `npm run bench`: starts everything, measures, prints one table and the goals, and leaves nothing behind. */
import { writeFileSync } from 'node:fs';
import { startChild } from './child.ts';
import { type Goal, judge } from './goals.ts';
import { describeMachine } from './machine.ts';
import { type Options, parseOptions, usage } from './options.ts';
import { inOwnFolder } from './own-folder.ts';
import type { Row } from './row.ts';
import { type Place, scriptOf, startServer, withServer } from './servers.ts';
import { closedLoops, countFsyncs, longRun, openLoops, providers, type Suite, slowCommits, warmUp } from './suite.ts';
import { goalsText, machineText, tableText } from './table.ts';

interface Outcome {
  readonly rows: readonly Row[];
  readonly goals: readonly Goal[];
}

async function measure(options: Options, place: Place): Promise<Outcome> {
  const say = (text: string) => void process.stderr.write(`${text}\n`);
  const load = await startChild(scriptOf('load'));
  const floor = await startChild(scriptOf('floor'));
  const suite: Suite = { options, place, floor, say, generator: { load, nextIndex: 0 }, checksPerSecond: 2000 };

  const closed: Row[] = [];
  const rows: Row[] = [];
  await withServer(startServer(place, { provider: providers.send }), (send) =>
    withServer(startServer(place, { provider: providers.check }), async (check) => {
      const servers = { send, check };
      await warmUp(suite, servers);
      for (const connections of options.connections) closed.push(...(await closedLoops(suite, servers, connections)));
      rows.push(...(await openLoops(suite, servers, closed)));
    }),
  );
  rows.unshift(...(await countFsyncs(suite, closed)));
  rows.push(...(await slowCommits(suite)));

  if (options.longSeconds === 0 || !options.only.includes('send')) return { rows, goals: judge(rows) };
  const long = await longRun(suite, closed);
  return { rows: [...rows, long.row], goals: [...judge(rows), long.goal] };
}

async function main(options: Options, folder: string): Promise<number> {
  const machine = describeMachine(folder);
  process.stdout.write(`${machineText(machine)}\n\n`);
  const { rows, goals } = await measure(options, { folder, serverScript: options.serverScript });
  process.stdout.write(`\n${tableText(rows)}\n\nGoals, at 64 connections:\n${goalsText(goals)}\n`);
  if (options.jsonFile !== undefined)
    writeFileSync(options.jsonFile, `${JSON.stringify({ machine, rows, goals }, null, 2)}\n`);
  return rows.some((row) => row.voidBecause !== '') ? 1 : 0;
}

try {
  const options = parseOptions(process.argv.slice(2));
  if (options.help) process.stdout.write(`${usage}\n`);
  else {
    const { folder, deadlineSeconds } = options;
    process.exitCode = await inOwnFolder(folder, deadlineSeconds, (own) => main(options, own));
  }
} catch (error) {
  process.stderr.write(`bench: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
