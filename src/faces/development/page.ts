import { readFileSync } from 'node:fs';

/** Nothing from elsewhere, nothing inline, in nobody's frame. */
export const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "object-src 'none'",
  "frame-ancestors 'none'",
].join('; ');

export interface PageFile {
  readonly path: string;
  readonly type: string;
  readonly body: string;
}

/** Reads the files of the page, once, where the server starts. @throws when one is missing: a broken build */
export function readPage(): readonly PageFile[] {
  const read = (name: string) => readFileSync(new URL(`./static/${name}`, import.meta.url), 'utf8');
  return [
    { path: '/', type: 'text/html; charset=utf-8', body: read('index.html') },
    { path: '/dev/page.js', type: 'text/javascript; charset=utf-8', body: read('page.js') },
    { path: '/dev/page.css', type: 'text/css; charset=utf-8', body: read('page.css') },
  ];
}
