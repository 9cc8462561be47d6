/**
 * `npm run bench:timing`: times that tests do not assert, because a busy machine would fail them: what the time of an
 * answer gives away, and what slow or malformed requests cost the others. A missed goal is reported and nothing more.
 */
import { tmpdir } from 'node:os';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { startChild } from './child.ts';
import { describeMachine } from './machine.ts';
import { inOwnFolder } from './own-folder.ts';
import { scriptOf } from './servers.ts';
import { machineText } from './table.ts';
import { comparisonFigures } from './timing/comparison.ts';
import { type Figure, figuresText } from './timing/figure.ts';
import { inputCheckFigures } from './timing/input-checks.ts';
import { malformedFigures } from './timing/malformed.ts';
import { purgeFigures } from './timing/purge.ts';
import { slowHeaderFigures } from './timing/slow-headers.ts';
import { unknownIdFigures } from './timing/unknown-ids.ts';

const DEADLINE_SECONDS = 120;
/** For each this many verifications to purge beyond the usual number there is another second. */
const PURGED_PER_SECOND = 2_000;
const PURGED = 20_000;

/** @param purged - how many verifications are purged while checks are timed */
async function measure(folder: string, purged: number): Promise<Figure[]> {
  const say = (text: string) => void process.stderr.write(`${text}\n`);
  const place = { folder, serverScript: scriptOf('server') };
  // What is timed in this process comes first, while no other one runs.
  say('comparison of codes, checks of input');
  const figures = [...comparisonFigures(), ...inputCheckFigures()];

  say(`purge of ${purged} verifications`);
  figures.push(...(await purgeFigures(folder, purged)));

  const load = await startChild(scriptOf('load'));
  say('unknown ids');
  figures.push(...(await unknownIdFigures(place, load)));
  say('slow headers');
  figures.push(...(await slowHeaderFigures(place, load)));
  say('malformed requests');
  figures.push(...(await malformedFigures(place)));
  await load.stop();
  return figures;
}

try {
  const { values } = parseArgs({
    options: { dir: { type: 'string', default: tmpdir() }, purge: { type: 'string', default: String(PURGED) } },
  });
  const purged = Number(values.purge);
  if (!Number.isInteger(purged) || purged < 1) throw new Error('--purge must be a number of verifications');
  const deadlineSeconds = DEADLINE_SECONDS + Math.ceil(purged / PURGED_PER_SECOND);
  await inOwnFolder(resolve(values.dir), deadlineSeconds, async (folder) => {
    process.stdout.write(`${machineText(describeMachine(folder))}\n\n`);
    process.stdout.write(`${figuresText(await measure(folder, purged))}\n`);
  });
} catch (error) {
  process.stderr.write(`bench: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
