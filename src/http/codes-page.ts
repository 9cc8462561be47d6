import type { HttpServer } from './server.ts';

/**
 * The page `/errors` of a vendor whose errors link to what their code means: a table with a line for each code, to
 * which `#<code>` leads. It is for whoever asks; nothing of anybody is on it.
 * @param lines - of words of our own, with the code first: they are not escaped
 */
export function codesPage(app: HttpServer, columns: readonly string[], lines: readonly (readonly unknown[])[]): void {
  const rows = lines.map((cells) => `<tr id="${cells[0]}"><td>${cells.join('<td>')}`);
  const head = '<!doctype html><html lang="en"><meta charset="utf-8"><title>Errors</title><h1>Errors</h1>';
  const page = `${head}<table><tr><th>${columns.join('<th>')}\n${rows.join('\n')}\n</table>\n`;
  const headers = {
    'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
    'x-content-type-options': 'nosniff',
  };
  app.get('/errors', (_request, reply) => reply.headers(headers).type('text/html; charset=utf-8').send(page));
}
