import { lengthForAlone } from './code-lookup.ts';
import type { VerificationRequest } from './create-request.ts';
import type { Store } from './store.ts';
import type { Service } from './tenancy.ts';

/** Counted anew after so long; until then a code may be longer than it need be, never shorter. */
const countedForMs = 1000;
const tenantsMax = 10_000;

interface Counted {
  live: number;
  readonly untilMs: number;
}

/**
 * Gives codes that are checked alone their length, where the request names none: the fewer codes there are, the likelier is
 * a guess to be somebody's. What is live is counted by the store once a second; what is asked for meanwhile is added.
 */
export class LiveCodes {
  readonly #store: Pick<Store, 'queries' | 'clock'>;
  readonly #counted = new Map<string, Counted>();

  constructor(store: Pick<Store, 'queries' | 'clock'>) {
    this.#store = store;
  }

  async withLength(
    request: VerificationRequest,
    tenantId: string,
    service: Service | undefined,
  ): Promise<VerificationRequest> {
    if (request.codeLength !== undefined || request.code !== undefined) {
      this.#oneMore(tenantId);
      return request;
    }
    const codeLength = await this.#lengthFor(tenantId, service?.codePolicy.length ?? 0);
    this.#oneMore(tenantId);
    return { ...request, codeLength };
  }

  async #lengthFor(tenantId: string, least: number): Promise<number> {
    const { nowMs } = this.#store.clock();
    const known = this.#counted.get(tenantId);
    if (known !== undefined && known.untilMs > nowMs) return lengthForAlone(least, async () => known.live);
    let live: number | undefined;
    const length = await lengthForAlone(least, async (most) => {
      live = await this.#store.queries.liveCodes(tenantId, most);
      return live;
    });
    // Where even the longest is wanted, nobody counts.
    if (live !== undefined) this.#remember(tenantId, { live, untilMs: nowMs + countedForMs });
    return length;
  }

  #remember(tenantId: string, counted: Counted): void {
    if (this.#counted.size >= tenantsMax) this.#counted.clear();
    this.#counted.set(tenantId, counted);
  }

  #oneMore(tenantId: string): void {
    const known = this.#counted.get(tenantId);
    if (known !== undefined) known.live++;
  }
}
