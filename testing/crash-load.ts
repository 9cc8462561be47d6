import { setTimeout as delay } from 'node:timers/promises';
import { wrongFor } from './numbers.ts';
import type { ProviderLog } from './provider-log.ts';
import { seeded } from './seeded.ts';
import { until } from './until.ts';

/** What the answers so far promise of one verification. */
export interface Promised {
  readonly id: string;
  readonly recipient: string;
  /** Idempotency key of its create. */
  readonly key: string;
  readonly status: 'pending' | 'verified' | 'failed' | 'cancelled';
  readonly attemptsUsed: number;
  /** A request about it is under way, which may have been decided already. */
  readonly busy: boolean;
}

export interface LoadOptions {
  readonly apiKey: string;
  readonly providerLog: ProviderLog;
  readonly seed: number;
  /** How many verifications are created before it ends. */
  readonly creates: number;
}

/**
 * Creates, checks and cancels over HTTP, each request with an idempotency key, and sends a request whose answer was
 * lost again until it is answered. One request at a time for each verification, so that every answer can be foretold.
 */
export interface Load extends AsyncDisposable {
  readonly promised: ReadonlyMap<string, Promised>;
  /** Answers that were not the foretold ones. */
  readonly contradictions: readonly string[];
  /** Creates asked for so far. */
  readonly created: number;
  /** Requests whose answer did not come, and requests answered as repetitions of an earlier one. */
  readonly lost: number;
  readonly replayed: number;
  /** Says where the server is from now on; undefined while there is none. */
  connect(url: string | undefined): void;
  /** Resolves when every request has been answered; leaving the block it was started in ends it before. */
  readonly done: Promise<void>;
}

interface Answer {
  readonly status: number;
  readonly replayed: boolean;
  readonly body: Fields;
}

type Fields = {
  readonly id?: string;
  readonly result?: string;
  readonly status?: string;
  readonly attemptsLeft?: number;
};

const parallel = 16;
const attemptsMax = 5;
const patienceMs = 30_000;

export function startLoad({ apiKey, providerLog, seed, creates }: LoadOptions): Load {
  const random = seeded(seed);
  const promised = new Map<string, Promised>();
  const contradictions: string[] = [];
  const tally = { created: 0, lost: 0, replayed: 0, requests: 0 };
  let url: string | undefined;
  let stopped = false;

  async function post(path: string, body: object | undefined, key: string): Promise<Answer> {
    const type = body === undefined ? {} : { 'content-type': 'application/json' };
    const headers = { authorization: `Bearer ${apiKey}`, 'idempotency-key': key, ...type };
    const request = { method: 'POST', headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
    return until(
      `an answer to ${path}`,
      async () => {
        if (stopped) throw new Error('the load was stopped');
        if (url === undefined) return undefined;
        try {
          const response = await fetch(url + path, { ...request, signal: AbortSignal.timeout(patienceMs) });
          const replayed = response.headers.get('idempotency-replayed') === 'true';
          const answer = { status: response.status, replayed, body: (await response.json()) as Fields };
          // With 503 nobody knows, or nothing happened: the same request settles it.
          return response.status === 503 ? undefined : answer;
        } catch {
          tally.lost += 1;
          return undefined;
        }
      },
      patienceMs,
    );
  }

  async function asked(path: string, body?: object, key = `request-${++tally.requests}`): Promise<Answer> {
    const answer = await post(path, body, key);
    if (answer.replayed) tally.replayed += 1;
    return answer;
  }

  function expect(what: string, { status, body }: Answer, wanted: Fields & { readonly http: number }): void {
    const { http, ...fields } = wanted;
    const differs = Object.entries(fields).some(([name, value]) => body[name as keyof Fields] !== value);
    if (status !== http || differs) contradictions.push(`${what}: ${status} ${JSON.stringify(body)}`);
  }

  function change(id: string, changes: Partial<Promised>): void {
    const known = promised.get(id);
    if (known !== undefined) promised.set(id, { ...known, ...changes });
  }

  async function create(): Promise<void> {
    const number = ++tally.created;
    const digits = String(number).padStart(6, '0');
    const recipient = number % 2 === 0 ? `person-${digits}@example.com` : `+33612${digits}`;
    const key = `create-${number}`;
    const answer = await asked('/v1/verifications', { recipient }, key);
    const { id = '' } = answer.body;
    expect(`create for ${recipient}`, answer, { http: 201, status: 'pending', attemptsLeft: attemptsMax });
    if (promised.has(id)) contradictions.push(`two creates were answered with ${id}`);
    promised.set(id, { id, recipient, key, status: 'pending', attemptsUsed: 0, busy: false });
  }

  async function createAgain({ id, recipient, key }: Promised): Promise<void> {
    const answer = await asked('/v1/verifications', { recipient }, key);
    expect(`the same create of ${id}`, answer, { http: 201, id });
    if (!answer.replayed) contradictions.push(`the same create of ${id} was not known again`);
  }

  async function checkRight({ id, status }: Promised, code: string): Promise<void> {
    const result = { pending: 'verified', verified: 'already_verified', failed: 'exhausted', cancelled: 'cancelled' };
    const answer = await asked(`/v1/verifications/${id}/checks`, { code });
    expect(`the right code of ${id}, which was ${status}`, answer, { http: 200, result: result[status] });
    if (answer.body.result === 'verified') change(id, { status: 'verified' });
  }

  async function checkWrong({ id, attemptsUsed }: Promised, code: string): Promise<void> {
    const answer = await asked(`/v1/verifications/${id}/checks`, { code: wrongFor(code) });
    const attemptsLeft = attemptsMax - attemptsUsed - 1;
    expect(`a wrong code of ${id}`, answer, { http: 200, result: 'wrong_code', attemptsLeft });
    change(id, { attemptsUsed: attemptsUsed + 1, status: attemptsLeft === 0 ? 'failed' : 'pending' });
  }

  async function cancel({ id }: Promised): Promise<void> {
    const answer = await asked(`/v1/verifications/${id}/cancel`);
    expect(`cancel of ${id}`, answer, { http: 200, id, status: 'cancelled' });
    change(id, { status: 'cancelled' });
  }

  async function useOne(): Promise<void> {
    const all = [...promised.values()];
    const chosen = all[Math.floor(random() * all.length)];
    const code = chosen && providerLog.code(chosen.id);
    if (chosen === undefined || chosen.busy || code === undefined) return;
    change(chosen.id, { busy: true });
    const kind = random();
    if (kind < 0.15) await createAgain(chosen);
    else if (chosen.status !== 'pending' || kind < 0.4) await checkRight(chosen, code);
    else if (kind < 0.9) await checkWrong(chosen, code);
    else await cancel(chosen);
    change(chosen.id, { busy: false });
  }

  async function work(): Promise<void> {
    while (tally.created < creates && !stopped) {
      if (random() < 0.4) await create();
      else await useOne();
      await delay(random() * 5);
    }
  }

  const workers = Array.from({ length: parallel }, work);
  const done = Promise.all(workers).then(() => undefined);
  // Nobody may be waiting for it yet.
  done.catch(() => undefined);
  return {
    promised,
    contradictions,
    get created() {
      return tally.created;
    },
    get lost() {
      return tally.lost;
    },
    get replayed() {
      return tally.replayed;
    },
    connect(to) {
      url = to;
    },
    done,
    async [Symbol.asyncDispose]() {
      stopped = true;
      await Promise.allSettled(workers);
    },
  };
}
