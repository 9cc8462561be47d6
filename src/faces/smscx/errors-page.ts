import type { HttpServer } from '../../http/server.ts';
import { rows, tokenCode, tokenRows } from './errors.ts';

/** The page that the `uri` of every error leads to: what each code means. For whoever asks; nothing of anybody is on it. */
export function errorsPage(app: HttpServer): void {
  const line = (code: number | string, [status, type, message]: readonly [number, string, string]) =>
    `<tr id="${code}"><td>${code}<td>${status}<td>${type}<td>${message}`;
  const tokens = Object.values(tokenRows).map((row, at) => line(at === 0 ? tokenCode : `${tokenCode}-${at}`, row));
  const lines = [...Object.entries(rows).map(([code, row]) => line(code, row)), ...tokens];
  const head = '<!doctype html><html lang="en"><meta charset="utf-8"><title>Errors</title><h1>Errors</h1>';
  const page = `${head}<table><tr><th>code<th>HTTP status<th>type<th>meaning\n${lines.join('\n')}\n</table>\n`;
  app.get('/errors', (_request, reply) =>
    reply
      .headers({
        'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
        'x-content-type-options': 'nosniff',
      })
      .type('text/html; charset=utf-8')
      .send(page),
  );
}
