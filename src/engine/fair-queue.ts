interface Lane<T> {
  readonly tenantId: string;
  readonly items: T[];
}

/**
 * Takes turns between tenants: whoever has much waiting does not make another wait longer than a round. The caller
 * bounds its length. Each step takes the same time however many wait.
 */
export class FairQueue<T> {
  readonly #lanes = new Map<string, Lane<T>>();
  /** Lanes that hold something, in the order of their turns. */
  #turns: Lane<T>[] = [];
  #size = 0;

  get size(): number {
    return this.#size;
  }

  push(tenantId: string, item: T): void {
    this.#size++;
    const lane = this.#lanes.get(tenantId);
    if (lane !== undefined) return void lane.items.push(item);
    const fresh = { tenantId, items: [item] };
    this.#lanes.set(tenantId, fresh);
    this.#turns.push(fresh);
  }

  /** The oldest of the tenant whose turn it is. */
  shift(): T | undefined {
    const lane = this.#turns.shift();
    if (lane === undefined) return undefined;
    this.#size--;
    const item = lane.items.shift();
    if (lane.items.length > 0) this.#turns.push(lane);
    else this.#lanes.delete(lane.tenantId);
    return item;
  }

  /** Takes out everything. */
  drain(): T[] {
    const items = this.#turns.flatMap((lane) => lane.items);
    this.#turns = [];
    this.#lanes.clear();
    this.#size = 0;
    return items;
  }
}
