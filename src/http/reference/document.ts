/* The parts of an OpenAPI 3.1 document that the reference page reads. */

export interface ApiDocument {
  readonly info: { readonly title: string; readonly version: string; readonly description?: string };
  readonly paths: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly security?: readonly object[];
  readonly components?: {
    readonly schemas?: Readonly<Record<string, Schema>>;
    readonly securitySchemes?: Readonly<Record<string, { readonly type: string; readonly scheme?: string }>>;
  };
  /** Every problem that the API answers with: ours, not of the standard. */
  readonly 'x-problems'?: readonly ProblemKind[];
}

/** A kind of problem as a program tells it apart, and as a person reads it. */
export interface ProblemKind {
  readonly status: number;
  readonly code: string;
  readonly title: string;
}

export interface Operation {
  readonly operationId?: string;
  readonly tags?: readonly string[];
  readonly summary?: string;
  readonly description?: string;
  readonly deprecated?: boolean;
  readonly security?: readonly object[];
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly required?: boolean; readonly description?: string; readonly content: Content };
  readonly responses?: Readonly<Record<string, Response>>;
}

export interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly required?: boolean;
  readonly description?: string;
  readonly schema?: Schema;
}

export interface Response {
  readonly description?: string;
  readonly content?: Content;
}

type Content = Readonly<Record<string, { readonly schema?: Schema }>>;

/** JSON Schema, as much of it as is put into words. */
export interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly format?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly default?: unknown;
  readonly examples?: readonly unknown[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly pattern?: string;
  readonly description?: string;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: boolean | Schema;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
}

/** An operation and where it stands. */
export interface Entry {
  readonly id: string;
  readonly method: string;
  readonly path: string;
  readonly operation: Operation;
}

export interface Group {
  readonly id: string;
  readonly title: string;
  readonly entries: readonly Entry[];
}

const methods = ['get', 'post', 'put', 'patch', 'delete'];

/** The operations in the order of the document, grouped by their first tag or, without one, by what the path is about. */
export function groupsOf({ paths }: ApiDocument): readonly Group[] {
  const entries = Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(item)
      .filter(([method]) => methods.includes(method))
      .map(([method, operation]) => entry(method, path, operation as Operation)),
  );
  const titles = [...new Set(entries.map(titleOf))];
  return titles.map((title) => ({
    id: `group-${slug(title)}`,
    title,
    entries: entries.filter((one) => titleOf(one) === title),
  }));
}

/** Follows references into the components. What refers to itself or to nothing is any value. */
export function resolved(schema: Schema | undefined, { components }: ApiDocument): Schema {
  let current = schema ?? {};
  for (let hops = 0; current.$ref !== undefined && hops < 8; hops++) {
    current = components?.schemas?.[current.$ref.slice(current.$ref.lastIndexOf('/') + 1)] ?? {};
  }
  return current.$ref === undefined ? current : {};
}

/** The schema of a body's first media type; there is but one of each. */
export function bodyOf(content: Content | undefined): { mediaType: string; schema: Schema } | undefined {
  const [first] = Object.entries(content ?? {});
  return first === undefined ? undefined : { mediaType: first[0], schema: first[1].schema ?? {} };
}

function entry(method: string, path: string, operation: Operation): Entry {
  return { id: operation.operationId ?? slug(`${method} ${path}`), method: method.toUpperCase(), path, operation };
}

function titleOf({ path, operation }: Entry): string {
  const [segment = 'Other'] = path.split('/').filter((part) => part !== '' && !/^v[0-9]+$/.test(part));
  const title = operation.tags?.[0] ?? segment.replaceAll('-', ' ');
  return title.charAt(0).toUpperCase() + title.slice(1);
}

function slug(text: string): string {
  return text.toLowerCase().replace(/[^a-z0-9]+/g, '-');
}
