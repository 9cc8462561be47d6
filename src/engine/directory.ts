import type { Queries } from './store.ts';
import type { ApiKey, Service } from './tenancy.ts';

/** Who is known: services and API keys, remembered for a moment so that a request need not ask the store. */
export interface Directory {
  service(tenantId: string, name: string): Promise<Service | undefined>;
  apiKey(id: string): Promise<ApiKey | undefined>;
  /** After a change in this process: the next one who asks sees it. */
  forget(): void;
}

/** A change is seen by every process within this time. */
const rememberedMs = 3000;
const entriesMax = 10_000;

export function createDirectory(queries: Queries, monotonicMs: () => number): Directory {
  const services = remember(monotonicMs, (key: string) => {
    const at = key.indexOf(' ');
    return queries.service(key.slice(0, at), key.slice(at + 1));
  });
  const apiKeys = remember(monotonicMs, (id: string) => queries.apiKey(id));
  return {
    service: (tenantId, name) => services.get(`${tenantId} ${name}`),
    apiKey: (id) => apiKeys.get(id),
    forget() {
      services.clear();
      apiKeys.clear();
    },
  };
}

interface Remembered<V> {
  get(key: string): Promise<V>;
  clear(): void;
}

function remember<V>(monotonicMs: () => number, read: (key: string) => Promise<V>): Remembered<V> {
  const known = new Map<string, { readonly value: Promise<V>; readonly untilMs: number }>();
  const get = (key: string) => {
    const nowMs = monotonicMs();
    const entry = known.get(key);
    if (entry !== undefined && entry.untilMs > nowMs) return entry.value;
    // The oldest goes first: keys are mostly a handful, and a flood of unknown ones must not grow the table.
    if (known.size >= entriesMax) known.delete(known.keys().next().value ?? key);
    const value = read(key);
    known.set(key, { value, untilMs: nowMs + rememberedMs });
    value.catch(() => known.delete(key));
    return value;
  };
  return { get, clear: () => known.clear() };
}
