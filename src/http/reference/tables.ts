import type { ApiDocument, Parameter, ProblemKind } from './document.ts';
import { type Field, wordsOf } from './fields.ts';
import { type Html, html, prose } from './html.ts';

interface Column<Row> {
  readonly title: string;
  readonly cell: (row: Row) => Html | string | readonly Html[];
}

export function parameterTable(document: ApiDocument, parameters: readonly Parameter[], label: string): Html {
  const rows = parameters.map((parameter) => {
    const words = wordsOf(document, parameter.schema);
    return { ...parameter, ...words, description: parameter.description ?? words.description };
  });
  return table(rows, label, [
    { title: 'Name', cell: ({ name }) => html`<code>${name}</code>` },
    { title: 'Where', cell: (row) => row.in },
    { title: 'Type', cell: ({ type }) => type },
    { title: 'Required', cell: ({ required }) => (required === true ? 'yes' : 'no') },
    { title: 'Description', cell: described },
  ]);
}

/** @param mark - which fields are worth a word: those that a request needs, or those that an answer may lack */
export function fieldTable(fields: readonly Field[], mark: 'required' | 'optional', label: string): Html {
  const marked = ({ required }: Field) =>
    required === (mark === 'required') ? html` <b class="mark" data-mark="${mark}">${mark}</b>` : '';
  return table(fields, label, [
    { title: 'Field', cell: (field) => html`<code>${nameOf(field)}</code>${marked(field)}` },
    { title: 'Type', cell: ({ type }) => type },
    { title: 'Description', cell: described },
  ]);
}

export function problemTable(kinds: readonly ProblemKind[], label: string): Html {
  const ordered = [...kinds].sort((one, other) => one.status - other.status || (one.code < other.code ? -1 : 1));
  return table(ordered, label, [
    { title: 'Code', cell: ({ code }) => html`<code>${code}</code>` },
    { title: 'Status', cell: ({ status }) => String(status) },
    { title: 'Meaning', cell: ({ title }) => title },
  ]);
}

/** Roles are named because narrow screens show rows as blocks, and browsers then forget that they are rows. */
function table<Row>(rows: readonly Row[], label: string, columns: readonly Column<Row>[]): Html {
  const [first, ...others] = columns;
  if (first === undefined) throw new Error('a table has columns');
  const heads = columns.map(({ title }) => html`<th scope="col" role="columnheader">${title}</th>`);
  const bodies = rows.map(
    (row) => html`<tr role="row"><th scope="row" role="rowheader">${first.cell(row)}</th>${others.map(
      ({ title, cell }) => html`<td role="cell" data-title="${title}">${cell(row)}</td>`,
    )}</tr>
`,
  );
  return html`<table role="table" aria-label="${label}">
<thead role="rowgroup"><tr role="row">${heads}</tr></thead>
<tbody role="rowgroup">
${bodies}</tbody>
</table>
`;
}

function described({ description, limits }: { description: string; limits: readonly string[] }): readonly Html[] {
  return [
    ...(description === '' ? [] : [html`<p>${prose(description)}</p>`]),
    ...(limits.length === 0 ? [] : [html`<p class="limits">${prose(capital(limits.join('; ')))}</p>`]),
  ];
}

/** The last part stands out from the objects it is in, and lines break before it. */
function nameOf({ name }: Field): Html {
  const cut = name.lastIndexOf('.') + 1;
  return cut === 0 ? html`${name}` : html`<span class="inside">${name.slice(0, cut)}</span><wbr>${name.slice(cut)}`;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
