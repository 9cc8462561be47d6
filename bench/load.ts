/** The load generator: a process of its own that runs one job after another, as its parent asks. */
import { answerParent } from './answering.ts';
import { runJob } from './load-loop.ts';
import type { MixJob } from './overload/mix.ts';
import { runMix } from './overload/mix-loop.ts';
import type { LoadJob, Ready } from './protocol.ts';

answerParent<LoadJob | MixJob>(
  async (job) => (job.kind === 'load' ? runJob(job) : runMix(job)),
  async () => undefined,
);
process.send?.({ kind: 'ready', pid: process.pid, url: '', apiKey: '' } satisfies Ready);
