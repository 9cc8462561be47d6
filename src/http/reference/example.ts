import { type ApiDocument, bodyOf, type Entry, resolved, type Schema } from './document.ts';

/** Values that read well where a schema gives none, by the name of the field. */
const wellKnown: Readonly<Record<string, unknown>> = {
  recipient: '+33612345678',
  email: 'ada@example.com',
  code: '123456',
  url: 'https://example.com/hook',
};

/** The shell variable that an example takes an id in a path from. */
export function variableOf(name: string): string {
  return name.toUpperCase().replace(/[^A-Z0-9]/g, '_');
}

/** A command to paste into a shell: the required inputs and no others, the key from `$KEY`. */
export function curlOf(document: ApiDocument, { method, path, operation }: Entry, baseUrl: string): string {
  const parameters = operation.parameters ?? [];
  const required = (where: string) => parameters.filter((one) => one.in === where && one.required === true);
  const query = required('query').map(
    ({ name, schema }) => `${name}=${encodeURIComponent(String(sampleOf(document, schema, name)))}`,
  );
  const filled = path.replace(/\{([^}]+)\}/g, (_, name: string) => `$${variableOf(name)}`);
  const url = `${baseUrl}${filled}${query.length === 0 ? '' : `?${query.join('&')}`}`;
  const needsKey = (operation.security ?? document.security ?? []).length > 0;
  const body = bodyOf(operation.requestBody?.content);
  const sent = operation.requestBody?.required === true ? body : undefined;
  return [
    // In double quotes the shell fills in its variables.
    `curl ${method === 'GET' ? '' : `-X ${method} `}${/[$&?]/.test(url) ? `"${url}"` : url}`,
    ...(needsKey ? [`-H "Authorization: Bearer $KEY"`] : []),
    ...required('header').map(({ name, schema }) => `-H ${quoted(`${name}: ${sampleOf(document, schema, name)}`)}`),
    ...(sent === undefined
      ? []
      : [
          `-H ${quoted(`Content-Type: ${sent.mediaType}`)}`,
          `-d ${quoted(JSON.stringify(sampleOf(document, sent.schema, '')))}`,
        ]),
  ].join(' \\\n  ');
}

const depthMax = 6;

/** A value that fits the schema as far as its limits are simple: of an object, the required fields. */
export function sampleOf(document: ApiDocument, given: Schema | undefined, name: string, depth = 0): unknown {
  const schema = resolved(given, document);
  const [first] = schema.examples ?? [schema.const ?? schema.default ?? schema.enum?.[0] ?? wellKnown[name]];
  if (first !== undefined) return first;
  const [type] = [schema.type ?? 'string'].flat();
  if (type === 'boolean') return true;
  if (type === 'integer' || type === 'number') return schema.minimum ?? 1;
  if (depth > depthMax) return {};
  if (type === 'array') return [sampleOf(document, schema.items, name, depth + 1)];
  if (type !== 'object') return 'text'.padEnd(schema.minLength ?? 0, '.').slice(0, schema.maxLength);
  const properties = schema.properties ?? {};
  const required = (schema.required ?? []).map((key) => [key, sampleOf(document, properties[key], key, depth + 1)]);
  return Object.fromEntries(required);
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
