/** Remembers which methods each path pattern has, to tell a wrong method (405) from an unknown path (404). */
export interface KnownRoutes {
  /** @param pattern - as given to the router: `/v1/things/:id`, `/files/*` */
  add(method: string | readonly string[], pattern: string): void;
  /** The methods that some pattern matching this path has, sorted; empty when the path is unknown. */
  methodsOf(path: string): readonly string[];
}

interface Route {
  readonly segments: readonly string[];
  readonly methods: Set<string>;
}

/** Used only once the router has found nothing, so it is a plain list walked from the start. */
export function createKnownRoutes(): KnownRoutes {
  const routes = new Map<string, Route>();
  return {
    add(method, pattern) {
      const route = routes.get(pattern) ?? { segments: pattern.split('/'), methods: new Set() };
      for (const one of typeof method === 'string' ? [method] : method) route.methods.add(one);
      routes.set(pattern, route);
    },
    methodsOf(path) {
      const segments = path.replace(/\/{2,}/g, '/').split('/');
      const fitting = [...routes.values()].filter((route) => fits(route.segments, segments));
      return [...new Set(fitting.flatMap(({ methods }) => [...methods]))].sort();
    },
  };
}

function fits(pattern: readonly string[], path: readonly string[]): boolean {
  const wild = pattern.at(-1) === '*';
  if (wild ? path.length < pattern.length : path.length !== pattern.length) return false;
  const fixed = wild ? pattern.slice(0, -1) : pattern;
  return fixed.every((segment, i) => segment.startsWith(':') || segment === path[i]);
}
