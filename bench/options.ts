import { tmpdir } from 'node:os';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { scriptOf } from './servers.ts';

export type Measured = 'send' | 'check';

/** What a run does, as the command line asks for it. */
export interface Options {
  readonly help: boolean;
  readonly only: readonly Measured[];
  readonly connections: readonly number[];
  /** Rounds at 64 connections, and at the others. */
  readonly rounds: number;
  readonly roundsElsewhere: number;
  readonly seconds: number;
  readonly openLoopSeconds: number;
  /** Compares the faces with the native API, and nothing else. */
  readonly faces: boolean;
  /** Compares with another build, and nothing else: its script. */
  readonly against: string | undefined;
  /** Measures what happens beyond capacity, and nothing else. */
  readonly overload: boolean;
  readonly overloadSeconds: number;
  /** Of each, where things are compared in pairs. */
  readonly pairedRounds: number;
  /** 0 leaves the run out. */
  readonly longSeconds: number;
  readonly folder: string;
  readonly serverScript: string;
  readonly jsonFile: string | undefined;
  /** The whole run is ended after so many seconds. */
  readonly deadlineSeconds: number;
}

export const usage = `npm run bench [-- options]
  --quick               one short round of each at 64 connections: to see that it works, not to measure
  --only send,check     leave the other one out (the floor is always measured)
  --connections 1,64    instead of 1,64,256; the goals are for 64
  --no-long             leave out the run of three minutes
  --faces               the faces beside the native API instead, on one server
  --against FILE        this build beside another instead, whose script keeps to the contract of bench/server.ts
  --rounds 10           of each, for those two; at most 50
  --overload            three times what the server can do instead, and one tenant beside another that floods
  --seconds 20          how long each of the two lasts, at most 120
  --dir FOLDER          where the servers keep their data (default: the folder for temporary files)
  --server FILE         another script that keeps to the contract of bench/server.ts
  --json FILE           write the figures there too
  --help`;

/** @throws Error for an unknown option or a value that cannot be */
export function parseOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: { type: 'boolean', default: false },
      only: { type: 'string', default: 'send,check' },
      connections: { type: 'string' },
      'no-long': { type: 'boolean', default: false },
      faces: { type: 'boolean', default: false },
      against: { type: 'string' },
      rounds: { type: 'string', default: '10' },
      overload: { type: 'boolean', default: false },
      seconds: { type: 'string', default: '20' },
      dir: { type: 'string', default: tmpdir() },
      server: { type: 'string' },
      json: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  const { quick, overload } = values;
  const overloadSeconds = secondsOf(values.seconds);
  return {
    help: values.help,
    only: values.only.split(',').map(measured),
    connections: (values.connections ?? (quick ? '64' : '1,64,256')).split(',').map(connectionCount),
    rounds: quick ? 1 : 5,
    roundsElsewhere: quick ? 1 : 3,
    seconds: quick ? 1 : 4,
    openLoopSeconds: quick ? 2 : 10,
    faces: values.faces,
    against: values.against === undefined ? undefined : resolve(values.against),
    overload,
    overloadSeconds,
    pairedRounds: quick ? 1 : roundCount(values.rounds),
    longSeconds: quick || values['no-long'] ? 0 : 180,
    folder: resolve(values.dir),
    serverScript: values.server === undefined ? scriptOf('server') : resolve(values.server),
    jsonFile: values.json === undefined ? undefined : resolve(values.json),
    deadlineSeconds: overload ? 180 + 5 * overloadSeconds : quick ? 180 : 1500,
  };
}

function measured(name: string): Measured {
  if (name === 'send' || name === 'check') return name;
  throw new Error(`--only takes send and check, not "${name}"`);
}

function secondsOf(text: string): number {
  const seconds = Number(text);
  if (Number.isInteger(seconds) && seconds >= 1 && seconds <= 120) return seconds;
  throw new Error(`--seconds takes a number from 1 to 120, not "${text}"`);
}

function roundCount(text: string): number {
  const count = Number(text);
  if (Number.isInteger(count) && count >= 1 && count <= 50) return count;
  throw new Error(`--rounds takes a number from 1 to 50, not "${text}"`);
}

function connectionCount(text: string): number {
  const count = Number(text);
  if (Number.isInteger(count) && count >= 1 && count <= 1000) return count;
  throw new Error(`--connections takes numbers from 1 to 1000, not "${text}"`);
}
