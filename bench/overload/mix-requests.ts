import { checkBytes, sendBytes, wrongCode } from '../requests.ts';
import type { Response } from '../response.ts';
import { checkEvery, type MixJob } from './mix.ts';
import type { Kind } from './tally.ts';

/** One code to hand in. */
interface Handed {
  readonly verification: number;
  readonly right: boolean;
}

/** What each connection (a slot) sends next, and whether the answer is the one that is due. */
export interface MixRequests {
  /** Of what kind request number `number` is. */
  kindOf(number: number): Kind;
  /** The bytes of a request of this kind; those of the slot's last one are written over. */
  next(slot: number, kind: Kind): Buffer;
  /** @returns whether it is answered 201, or with the result of its code. A refused code is handed in again later. */
  judge(slot: number, kind: Kind, response: Response): boolean;
}

export function mixRequestsOf(job: MixJob): MixRequests {
  const { apiKey, ids, codes, connections } = job;
  const { host } = new URL(job.url);
  const creates = Array.from({ length: connections }, () => sendBytes(host, apiKey));
  const checks = Array.from({ length: connections }, () => checkBytes(host, apiKey));
  const asked = new Map<number, Handed>();
  const again: Handed[] = [];
  let index = job.firstIndex;
  let untouched = 0;

  const nextCode = (): Handed => {
    const waiting = again.pop();
    if (waiting !== undefined) return waiting;
    if (untouched >= ids.length) throw new RangeError('too few verifications were prepared');
    return { verification: untouched++, right: false };
  };

  return {
    kindOf: (number) => (ids.length > 0 && number % checkEvery === checkEvery - 1 ? 'checks' : 'creates'),
    next(slot, kind) {
      const bytes = kind === 'creates' ? creates[slot] : checks[slot];
      if (bytes === undefined) throw new RangeError(`there is no slot ${slot}`);
      if (kind === 'creates') {
        creates[slot]?.fill(index++);
        return bytes.bytes;
      }
      const handed = nextCode();
      asked.set(slot, handed);
      const code = codes[handed.verification] ?? '';
      checks[slot]?.fill(ids[handed.verification] ?? '', handed.right ? code : wrongCode(code));
      return bytes.bytes;
    },
    judge(slot, kind, { status, body }) {
      if (kind === 'creates') return status === 201;
      const handed = asked.get(slot);
      if (handed === undefined) return false;
      const done = status === 200 && body.includes(handed.right ? '"result":"verified"' : '"result":"wrong_code"');
      if (status === 503 || status === 429) again.push(handed);
      else if (done && !handed.right) again.push({ ...handed, right: true });
      return done;
    },
  };
}
