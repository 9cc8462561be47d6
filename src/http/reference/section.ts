import { STATUS_CODES } from 'node:http';
import { type ApiDocument, bodyOf, type Entry, type Operation, type Response } from './document.ts';
import { curlOf, variableOf } from './example.ts';
import { fieldsOf } from './fields.ts';
import { type Html, html, prose } from './html.ts';
import { fieldTable, parameterTable } from './tables.ts';

const problemType = 'application/problem+json';

/** Everything about one operation, below a heading of the third level. */
export function operationSection(document: ApiDocument, entry: Entry, baseUrl: string): Html {
  const { id, method, path, operation } = entry;
  return html`<section class="operation" id="${id}" aria-labelledby="${id}-title">
<h3 id="${id}-title">${titleOf(entry)}</h3>
<p class="route">${methodMark(method)} <code>${broken(path)}</code></p>
${operation.deprecated === true ? html`<p class="note">Deprecated: do not build on it.</p>` : ''}
${paragraphs(operation.description)}
${keyless(document, operation)}
<h4>Example</h4>
${command(curlOf(document, entry, baseUrl), `Example: ${titleOf(entry)}`)}
${variables(entry)}
${parameters(document, entry)}
${requestBody(document, entry)}
<h4>Answers</h4>
${answers(document, entry)}
</section>
`;
}

export function titleOf({ id, operation }: Entry): string {
  return operation.summary ?? id;
}

export function methodMark(method: string): Html {
  return html`<b class="method" data-method="${method}">${method}</b>`;
}

/** A region of its own that the keyboard reaches, since long lines may scroll in it. */
export function command(text: string, label: string): Html {
  return html`<pre role="region" tabindex="0" aria-label="${label}"><code>${text}</code></pre>
`;
}

export function paragraphs(text: string | undefined): readonly Html[] {
  const pieces = (text ?? '').split(/\n\s*\n/).filter((piece) => piece.trim() !== '');
  return pieces.map((piece) => html`<p>${prose(piece)}</p>\n`);
}

function keyless(document: ApiDocument, { security }: Operation): Html | undefined {
  const needed = security ?? document.security ?? [];
  return needed.length === 0 ? html`<p>Needs no API key.</p>` : undefined;
}

function variables({ path }: Entry): Html | undefined {
  const names = [...path.matchAll(/\{([^}]+)\}/g)].map(([, name = '']) => name);
  if (names.length === 0) return undefined;
  const meant = names.map((name) => `\`$${variableOf(name)}\` is the \`${name}\` in the path`).join(', ');
  return html`<p class="hint">${prose(meant)}.</p>`;
}

function parameters(document: ApiDocument, { operation, ...entry }: Entry): Html | undefined {
  const given = operation.parameters ?? [];
  if (given.length === 0) return undefined;
  return html`<h4>Parameters</h4>
${parameterTable(document, given, `Parameters: ${titleOf({ operation, ...entry })}`)}`;
}

function requestBody(document: ApiDocument, entry: Entry): Html | undefined {
  const { requestBody: body } = entry.operation;
  const found = bodyOf(body?.content);
  if (body === undefined || found === undefined) return undefined;
  const fields = fieldsOf(document, found.schema);
  const optional = body.required === true ? '' : ' It may be absent.';
  const empty = fields.length === 0 ? ' It has no fields.' : '';
  return html`<h4>Request body</h4>
<p>As <code>${found.mediaType}</code>.${optional}${empty}</p>
${paragraphs(body.description)}
${fields.length === 0 ? '' : fieldTable(fields, 'required', `Request body: ${titleOf(entry)}`)}`;
}

/** Statuses that are answered with the same fields share a table; problems are described once, for all operations. */
function answers(document: ApiDocument, entry: Entry): readonly Html[] {
  const all = Object.entries(entry.operation.responses ?? {});
  const isProblem = ([, { content }]: [string, Response]) => bodyOf(content)?.mediaType === problemType;
  const problems = all.filter(isProblem).map(([status]) => status.replace('XX', 'xx'));
  const groups = Object.values(grouped(all.filter((answer) => !isProblem(answer))));
  return [
    ...groups.map((group) => answer(document, entry, group)),
    ...(problems.length === 0
      ? []
      : [html`<h5>${problems.join(', ')}</h5>\n<p>A problem: see <a href="#errors">errors</a>.</p>\n`]),
  ];
}

function grouped(all: readonly [string, Response][]): Record<string, [string, Response][]> {
  const groups: Record<string, [string, Response][]> = {};
  for (const one of all) {
    const key = JSON.stringify(one[1]);
    groups[key] = [...(groups[key] ?? []), one];
  }
  return groups;
}

function answer(document: ApiDocument, entry: Entry, group: readonly [string, Response][]): Html {
  const statuses = group.map(([status]) => status);
  const [, { description = '', content }] = group[0] ?? ['', {}];
  const body = bodyOf(content);
  const fields = body === undefined ? [] : fieldsOf(document, body.schema);
  const title = statuses.map((status) => `${status} ${STATUS_CODES[status] ?? ''}`.trim()).join(', ');
  return html`<h5>${title}</h5>
${description === 'Default Response' ? '' : paragraphs(description)}
${fields.length === 0 ? '' : fieldTable(fields, 'optional', `Answer ${statuses.join(', ')}: ${titleOf(entry)}`)}`;
}

/** A path that may be broken before each slash. */
export function broken(path: string): readonly Html[] {
  return path.split(/(?=\/)/).map((piece) => html`<wbr>${piece}`);
}
