/**
 * A map that remembers at least the `size` keys used last, and at most twice as many. Two generations: when the young
 * one is full, the old one is forgotten and the young one grows old.
 */
export class Recent<V> {
  readonly #size: number;
  #young = new Map<string, V>();
  #old = new Map<string, V>();

  constructor(size: number) {
    this.#size = size;
  }

  /** What is known of a key; else what `read` finds, which is remembered too. */
  get(key: string, read: (key: string) => V): V {
    const known = this.#young.get(key);
    // What is known to be absent is remembered as well.
    if (known !== undefined || this.#young.has(key)) return known as V;
    const older = this.#old.get(key);
    const value = older !== undefined || this.#old.has(key) ? (older as V) : read(key);
    this.set(key, value);
    return value;
  }

  forget(key: string): void {
    this.#young.delete(key);
    this.#old.delete(key);
  }

  clear(): void {
    this.#young.clear();
    this.#old.clear();
  }

  set(key: string, value: V): void {
    this.#young.set(key, value);
    if (this.#young.size < this.#size) return;
    this.#old = this.#young;
    this.#young = new Map();
  }
}
