/** `npm run bench`: starts everything, measures, prints one table and the goals, and leaves nothing behind. */
import { writeFileSync } from 'node:fs';
import { startChild } from './child.ts';
import { type Goal, judge } from './goals.ts';
import { describeMachine, type Machine } from './machine.ts';
import { type Options, parseOptions, usage } from './options.ts';
import { judgeOverload, phasesText } from './overload/measured.ts';
import { measureOverload } from './overload/overload.ts';
import { inOwnFolder } from './own-folder.ts';
import { measureAgainst, measureFaces, pairedGoals, pairedText } from './paired/paired.ts';
import type { Row } from './row.ts';
import { type Place, scriptOf, startServer, withServer } from './servers.ts';
import { closedLoops, countFsyncs, longRun, openLoops, providers, type Suite, slowCommits, warmUp } from './suite.ts';
import { goalsText, machineText, tableText } from './table.ts';

interface Outcome {
  readonly rows: readonly Row[];
  readonly goals: readonly Goal[];
}

/** What a face may cost, in the CPU of the same request through the native API, and a build in that of an earlier one. */
const faceCostMax = 1.15;
const buildCostMax = 1.05;

const say = (text: string) => void process.stderr.write(`${text}\n`);

async function measure(options: Options, place: Place): Promise<Outcome> {
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
  const place = { folder, serverScript: options.serverScript };
  if (options.overload) return overload(options, place, machine);
  if (options.faces || options.against !== undefined) return paired(options, place, machine);
  const { rows, goals } = await measure(options, place);
  process.stdout.write(`\n${tableText(rows)}\n\nGoals, at 64 connections:\n${goalsText(goals)}\n`);
  save(options, { machine, rows, goals });
  return rows.some((row) => row.voidBecause !== '') ? 1 : 0;
}

/** Faces beside the native API, or this build beside another. */
async function paired(options: Options, place: Place, machine: Machine): Promise<number> {
  const { against, only } = options;
  const run = { place, only, rounds: options.pairedRounds, say };
  const rows = against === undefined ? await measureFaces(run) : await measureAgainst(run, against);
  const goals = pairedGoals(rows, against === undefined ? faceCostMax : buildCostMax);
  process.stdout.write(`\n${pairedText(rows)}\n\nGoals:\n${goalsText(goals)}\n`);
  save(options, { machine, rows, goals });
  return rows.some(({ voidBecause }) => voidBecause !== '') ? 1 : 0;
}

/** Beyond what the server can do. */
async function overload(options: Options, place: Place, machine: Machine): Promise<number> {
  const measured = await measureOverload({ place, seconds: options.overloadSeconds, say });
  const goals = judgeOverload(measured);
  const phases = [
    { name: 'capacity, closed loop', result: measured.capacity },
    { name: 'before the load', result: measured.quiet },
    { name: 'three times capacity', result: measured.overload },
    { name: 'after the load', result: measured.recovery },
    { name: 'a tenant alone', result: measured.alone },
    { name: 'beside a flood', result: measured.beside },
    { name: 'the flood', result: measured.flood },
  ];
  process.stdout.write(`\n${phasesText(phases)}\n\nGoals:\n${goalsText(goals)}\n`);
  save(options, { machine, goals });
  return goals.some(({ verdict }) => verdict === 'VOID') ? 1 : 0;
}

function save({ jsonFile }: Options, figures: object): void {
  if (jsonFile !== undefined) writeFileSync(jsonFile, `${JSON.stringify(figures, null, 2)}\n`);
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
