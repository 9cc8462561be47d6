export type Database =
  | { readonly kind: 'sqlite'; readonly path: string }
  | { readonly kind: 'not-yet-supported' }
  | { readonly kind: 'unreadable' };

/** Reads `sqlite:<path>`. The path is as it was written, maybe relative. */
export function readDatabase(text: string): Database {
  if (/^postgres(?:ql)?:/.test(text)) return { kind: 'not-yet-supported' };
  const [, path = ''] = /^sqlite:(.+)$/s.exec(text) ?? [];
  // Neither a host, as in sqlite://here/x, nor SQLite's own `:memory:` and `file:` are files that would last.
  if (path === '' || /^\/\/[^/]/.test(path) || /^:|^file:|[\0?]/.test(path)) return { kind: 'unreadable' };
  return { kind: 'sqlite', path };
}

/** An http or https URL to which paths can be added: without credentials, query, fragment and slash at its end. */
export function readPublicUrl(text: string): { readonly url: string; readonly secure: boolean } | undefined {
  if (!URL.canParse(text) || /[?#\s]/.test(text)) return undefined;
  const { protocol, origin, pathname, username, password } = new URL(text);
  if ((protocol !== 'https:' && protocol !== 'http:') || username !== '' || password !== '') return undefined;
  return { url: `${origin}${pathname}`.replace(/\/+$/, ''), secure: protocol === 'https:' };
}
