/** What can be in a bag. */
export interface Bagged {
  /** Its place in the bag; nobody else's business. */
  place: number;
}

/**
 * Things that come and go in great numbers, in no order. A `Set` would leave a trail of old tables, each of which holds
 * on to the next: once one of them is old, the garbage collector carries on all that ever was in those behind it.
 */
export class Bag<T extends Bagged> {
  readonly #things: T[] = [];

  get size(): number {
    return this.#things.length;
  }

  add(thing: T): void {
    thing.place = this.#things.push(thing) - 1;
  }

  /** Takes out what is in it. */
  delete(thing: T): void {
    const last = this.#things.pop();
    if (last === undefined || last === thing) return;
    this.#things[thing.place] = last;
    last.place = thing.place;
  }

  /** A copy, so that things may go while it is walked. */
  all(): readonly T[] {
    return [...this.#things];
  }
}
