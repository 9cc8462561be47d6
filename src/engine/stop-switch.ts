import { sendingStoppedFact } from './commands/change-server.ts';
import type { Delivery } from './delivery.ts';
import type { Log } from './log.ts';
import type { Queries } from './store.ts';

/** Has delivery obey the operator's stop switch, which stands in the store so that a restart does not forget it. */
export class StopSwitch {
  readonly #queries: Queries;
  readonly #delivery: Delivery;
  readonly #log: Log;
  #looked: Promise<void> = Promise.resolve();

  constructor(queries: Queries, delivery: Delivery, log: Log) {
    this.#queries = queries;
    this.#delivery = delivery;
    this.#log = log;
  }

  /**
   * Looks at the switch; once this resolves, delivery obeys it. One look comes after the other, so that an older one
   * never undoes what a newer one saw. Before the first look nothing should be claimed.
   */
  look(): Promise<void> {
    const looked = this.#looked.then(() => this.#look());
    this.#looked = looked.catch(() => undefined);
    return looked;
  }

  async #look(): Promise<void> {
    const stopped = (await this.#queries.fact(sendingStoppedFact)) !== undefined;
    if (stopped === this.#delivery.held) return;
    this.#log.warn({ stopped }, stopped ? 'an operator has stopped all sending' : 'sending goes on');
    if (stopped) await this.#delivery.hold();
    else this.#delivery.release();
  }
}
