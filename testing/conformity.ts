import { Compile, type Validator } from 'typebox/schema';

/** The parts of an OpenAPI 3.1 document that a request and its answer can be held against. */
export interface OpenapiDocument {
  readonly openapi: string;
  readonly info: { readonly title: string; readonly version: string };
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly securitySchemes: Readonly<Record<string, object>> };
}

export interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly required?: boolean; readonly content: Content };
  readonly responses: Readonly<Record<string, { readonly description: string; readonly content: Content }>>;
}

export interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required?: boolean;
  readonly schema: object;
}

type Content = Readonly<Record<string, { readonly schema: object }>>;

export interface Exchange {
  readonly method: string;
  /** With the query, without the origin. */
  readonly path: string;
  readonly sent: unknown;
  readonly status: number;
  readonly contentType: string;
  readonly body: unknown;
}

const validators = new WeakMap<object, Validator>();

/** Everything in which an exchange differs from the document; nothing when it is as documented. */
export function differences(document: OpenapiDocument, exchange: Exchange): string[] {
  const operation = operationOf(document, exchange);
  if (operation === undefined) return [];
  const { status, contentType, body, sent } = exchange;
  const answer = operation.responses[status] ?? operation.responses[`${Math.floor(status / 100)}XX`];
  const [mediaType = ''] = contentType.split(';');
  const answered = answer?.content[mediaType];
  if (answered === undefined) return [`${operation.operationId} does not document ${status} as ${mediaType}`];
  return [...complaints('answer', answered.schema, body), ...(status < 300 ? unasked(operation, sent) : [])];
}

/** How a request that was honoured differs from what may be sent. */
function unasked({ operationId, requestBody }: Operation, sent: unknown): string[] {
  if (sent === undefined) return requestBody?.required === true ? [`${operationId} went without its body`] : [];
  const schema = requestBody?.content['application/json']?.schema;
  return schema === undefined ? [`${operationId} documents no body`] : complaints('request', schema, sent);
}

function operationOf({ paths }: OpenapiDocument, { method, path }: Exchange): Operation | undefined {
  const [bare = ''] = path.split('?', 1);
  const fits = (template: string) => new RegExp(`^${template.replace(/\{[^}]+\}/g, '[^/]+')}$`).test(bare);
  return Object.entries(paths).find(([template]) => fits(template))?.[1][method.toLowerCase()];
}

function complaints(what: string, schema: object, value: unknown): string[] {
  const validator = validators.get(schema) ?? (Compile(schema) as Validator);
  validators.set(schema, validator);
  if (validator.Check(value)) return [];
  return validator.Errors(value)[1].map(({ instancePath, message }) => `${what}${instancePath} ${message}`);
}
