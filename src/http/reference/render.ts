import { type ApiDocument, bodyOf, type Group, groupsOf, type Operation, type Schema } from './document.ts';
import { fieldsOf } from './fields.ts';
import { type Html, html } from './html.ts';
import { command, methodMark, operationSection, paragraphs, titleOf } from './section.ts';
import { fieldTable, problemTable } from './tables.ts';

export interface Links {
  /** Where the server is reached, without a slash at its end. */
  readonly baseUrl: string;
  readonly stylesheet: string;
  /** The document that the page is made from. */
  readonly openapi: string;
}

/** The whole reference as one page that needs no script: every operation, field and problem of the document. */
export function renderReference(document: ApiDocument, { baseUrl, stylesheet, openapi }: Links): string {
  const { title, version, description } = document.info;
  const groups = groupsOf(document);
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title} · API reference</title>
<link rel="stylesheet" href="${stylesheet}">
</head>
<body>
<a class="skip" href="#main">Skip to the reference</a>
<header class="top">
<span class="brand">${mark}<span class="name">${title}</span> <span class="badge">API reference</span></span>
<a href="${openapi}">OpenAPI document</a>
</header>
<div class="columns">
${contents(groups)}
<main id="main" tabindex="-1">
<h1>${title} API</h1>
<p class="lead">Version ${version}, at <code>${baseUrl}</code>. Made from <a href="${openapi}">the OpenAPI document</a>
that the server serves, which programs can read.</p>
${paragraphs(description)}
${authentication(groups, baseUrl)}
${groups.map((group) => groupSection(document, group, baseUrl))}
${errors(document)}
</main>
</div>
</body>
</html>
`;
  return page.markup;
}

const mark = html`<svg class="sign" viewBox="0 0 32 32" aria-hidden="true"><rect width="32" height="32" rx="9"></rect><path d="M8 17.5l5 5L24 10"></path></svg>`;

function contents(groups: readonly Group[]): Html {
  const operations = groups.map(
    ({ id, title, entries }) => html`<li><a href="#${id}">${title}</a>
<ol>
${entries.map((entry) => html`<li><a href="#${entry.id}">${methodMark(entry.method)} <span>${titleOf(entry)}</span></a></li>\n`)}</ol></li>
`,
  );
  return html`<nav class="contents" aria-label="Contents" tabindex="-1">
<ol>
<li><a href="#authentication">Authentication</a></li>
${operations}<li><a href="#errors">Errors</a></li>
</ol>
</nav>`;
}

function authentication(groups: readonly Group[], baseUrl: string): Html {
  const entries = groups.flatMap((group) => group.entries);
  const plain = entries.find(({ method, path }) => method === 'GET' && !path.includes('{'));
  const path = plain?.path ?? entries[0]?.path ?? '/';
  return html`<section id="authentication" aria-labelledby="authentication-title">
<h2 id="authentication-title">Authentication</h2>
<p>Send your API key in the header of every request, as a bearer token: <code>Authorization: Bearer &lt;API key&gt;</code>.
It is accepted nowhere else. A key belongs to one tenant, and a tenant sees nothing of another.</p>
<p>The examples on this page take the key from the shell variable <code>KEY</code>. Set it once, then paste them:</p>
${command(`KEY='your API key'\ncurl ${baseUrl}${path} \\\n  -H "Authorization: Bearer $KEY"`, 'Example: authentication')}
</section>
`;
}

function groupSection(document: ApiDocument, { id, title, entries }: Group, baseUrl: string): Html {
  return html`<section class="group" id="${id}" aria-labelledby="${id}-title">
<h2 id="${id}-title">${title}</h2>
${entries.map((entry) => operationSection(document, entry, baseUrl))}</section>
`;
}

function errors(document: ApiDocument): Html {
  const kinds = document['x-problems'] ?? [];
  const shape = problemSchemaOf(document);
  return html`<section id="errors" aria-labelledby="errors-title">
<h2 id="errors-title">Errors</h2>
<p>Whatever goes wrong is answered with problem details (RFC 9457), as <code>application/problem+json</code>. Branch on
<code>code</code>, which is stable; <code>detail</code> is for people. After a 429 or a 503, wait as many seconds as the
header <code>Retry-After</code> says.</p>
${shape === undefined ? '' : html`<h3>Fields of a problem</h3>\n${fieldTable(fieldsOf(document, shape), 'optional', 'Fields of a problem')}`}
${kinds.length === 0 ? '' : html`<h3>Problem codes</h3>\n${problemTable(kinds, 'Problem codes')}`}
</section>
`;
}

/** The shape of a problem, as the first operation that has one states it. */
function problemSchemaOf(document: ApiDocument): Schema | undefined {
  const responses = groupsOf(document)
    .flatMap(({ entries }) => entries.map(({ operation }): Operation => operation))
    .flatMap((operation) => Object.values(operation.responses ?? {}));
  return responses.map(({ content }) => bodyOf(content)).find((body) => body?.mediaType === 'application/problem+json')
    ?.schema;
}
