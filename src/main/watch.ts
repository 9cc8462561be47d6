import { stat } from 'node:fs/promises';
import type { Committer } from '../engine/committer.ts';
import type { Delivery } from '../engine/delivery.ts';
import type { SendBacklog } from '../engine/send-backlog.ts';
import type { Store } from '../engine/store.ts';
import type { WebhookWorker } from '../engine/webhook-worker.ts';
import type { NotReady } from '../http/operations.ts';
import type { LoopDelay } from '../telemetry/loop-delay.ts';
import type { Gauges } from '../telemetry/metrics.ts';

/** Event-loop delay from which on the server is not to be given more. */
const loopDelayMaxMs = 200;
const probeMs = 1000;

export interface Relied {
  readonly store: Store;
  readonly committer: Committer;
  /** Event-loop delay that counts against the server. */
  readonly loopDelayMs: () => number;
}

export interface Readiness {
  notReady(): Promise<readonly NotReady[]>;
  /** The server is being stopped: it is not ready from now on. */
  stopping(): void;
}

/** Looks at what requests rely on. */
export function readiness({ store, committer, loopDelayMs }: Relied): Readiness {
  let stopping = false;

  async function notReady(): Promise<readonly NotReady[]> {
    const reads = !stopping && (await answers(() => store.queries.fact('clock_floor')));
    const reasons: [holds: boolean, reason: NotReady][] = [
      [stopping, 'shutting_down'],
      [!store.clock().confirmed, 'clock_unconfirmed'],
      [!stopping && !(reads && committer.health.answers), 'store_unavailable'],
      [loopDelayMs() > loopDelayMaxMs, 'event_loop_delayed'],
    ];
    return reasons.filter(([holds]) => holds).map(([, reason]) => reason);
  }

  return {
    notReady,
    stopping() {
      stopping = true;
    },
  };
}

export interface Watched extends Relied {
  /** Path of the database. */
  readonly file: string;
  readonly delivery: Delivery;
  readonly backlog: SendBacklog;
  readonly webhooks: Pick<WebhookWorker, 'running'>;
  readonly loopDelay: LoopDelay;
}

export interface Watch extends Readiness {
  gauges(): Promise<Gauges>;
}

/** Looks at the parts of a server for those who ask how it is. */
export function watch({ file, delivery, backlog, webhooks, loopDelay, ...relied }: Watched): Watch {
  const { store, committer } = relied;
  const ready = readiness(relied);
  return {
    ...ready,
    async gauges() {
      const waiting = await store.queries.webhookBacklog();
      return {
        commandsWaiting: committer.waiting,
        sendsQueued: backlog.total - delivery.running,
        sendsRunning: delivery.running,
        sendingStopped: delivery.stopped,
        webhooksRunning: webhooks.running,
        webhooksWaiting: waiting.waiting,
        webhooksOldestMs: waiting.oldestMs,
        loopDelay,
        clockSteps: store.clock().steps,
        ready: (await ready.notReady()).length === 0,
        secretsOverdue: await store.queries.secretsOverdue(),
        storeBytes: await sizesOf({ database: file, log: `${file}-wal` }),
      };
    },
  };
}

/** Whether something succeeds within a second. */
async function answers(ask: () => Promise<unknown>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), probeMs);
  });
  const asked = ask().then(
    () => true,
    () => false,
  );
  return Promise.race([asked, late]).finally(() => clearTimeout(timer));
}

/** Files that are not there are left out. */
async function sizesOf(files: Readonly<Record<'database' | 'log', string>>): Promise<Gauges['storeBytes']> {
  const sizes = Object.entries(files).map(async ([name, path]) => {
    const size = await stat(path).then(
      (found) => [name, found.size] as const,
      () => undefined,
    );
    return size === undefined ? [] : [size];
  });
  return Object.fromEntries((await Promise.all(sizes)).flat());
}
