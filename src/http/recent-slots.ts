/** A bounded number of slots, lent to keys; when none is free the least recently used key loses its slot. */
export interface RecentSlots {
  /**
   * Marks a key as just used.
   * @param group - from a small fixed set; equal keys of two groups are different keys
   * @returns its slot, from 0; `fresh` when it had none, so that what the slot held belongs to somebody else
   */
  use(group: string, key: string): { readonly slot: number; readonly fresh: boolean };
}

/** The order of use is a doubly linked ring over the slots in typed arrays: no object per key, nothing to collect. */
export function createRecentSlots(capacity: number): RecentSlots {
  const groups = new Map<string, Map<string, number>>();
  const groupOf: Map<string, number>[] = [];
  const keyOf: string[] = [];
  const older = new Int32Array(capacity);
  const newer = new Int32Array(capacity);
  let newest = -1;

  function unlink(slot: number): void {
    const before = older[slot] ?? 0;
    const after = newer[slot] ?? 0;
    newer[before] = after;
    older[after] = before;
    if (newest === slot) newest = before;
  }

  /** The ring closes behind the newest slot, so the one after it is the oldest. */
  function linkAsNewest(slot: number): void {
    const oldest = newest === -1 ? slot : (newer[newest] ?? slot);
    const before = newest === -1 ? slot : newest;
    older[slot] = before;
    newer[slot] = oldest;
    newer[before] = slot;
    older[oldest] = slot;
    newest = slot;
  }

  function lend(group: Map<string, number>, key: string): number {
    const full = keyOf.length === capacity;
    const slot = full ? (newer[newest] ?? 0) : keyOf.length;
    if (full) {
      groupOf[slot]?.delete(keyOf[slot] ?? '');
      unlink(slot);
    }
    groupOf[slot] = group;
    keyOf[slot] = key;
    group.set(key, slot);
    linkAsNewest(slot);
    return slot;
  }

  function groupNamed(name: string): Map<string, number> {
    const group = groups.get(name) ?? new Map<string, number>();
    groups.set(name, group);
    return group;
  }

  return {
    use(name, key) {
      const group = groups.get(name) ?? groupNamed(name);
      const slot = group.get(key);
      if (slot === undefined) return { slot: lend(group, key), fresh: true };
      if (slot !== newest) {
        unlink(slot);
        linkAsNewest(slot);
      }
      return { slot, fresh: false };
    },
  };
}
