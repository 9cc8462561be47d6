import type { TSchema } from 'typebox';
import { Value } from 'typebox/value';
import { notesOf, propertiesOf } from './fields.ts';

/** What is wrong inside a value, by names and positions from it, and what to do. */
export interface Defect {
  readonly within: readonly string[];
  readonly remedy: string;
}

/**
 * What is wrong with the value of one setting; one defect for each place. Says facts of the schema and never the value,
 * which may be a secret.
 */
export function defectsOf(schema: TSchema, value: unknown): readonly Defect[] {
  const defects = new Map<string, Defect>();
  // Outermost first, so that a refused union is reported by itself and not by its branches.
  const found = [...Value.Errors(schema, value)].sort((one, two) => one.schemaPath.length - two.schemaPath.length);
  for (const error of found) {
    const within = stepsOf(error.instancePath);
    // The library names each unknown key once more, as a value that is refused.
    if (error.keyword === 'boolean' || defects.has(error.instancePath)) continue;
    const at = stepsOf(error.schemaPath).reduce<unknown>(stepInto, schema) as TSchema;
    defects.set(error.instancePath, { within, remedy: wordsFor(error.keyword, at) });
  }
  return [...defects.values()];
}

function stepsOf(pointer: string): string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function stepInto(at: unknown, step: string): unknown {
  return (at as Readonly<Record<string, unknown>> | undefined)?.[step];
}

function wordsFor(keyword: string, schema: TSchema): string {
  if (keyword === 'uniqueItems') return 'must not name the same twice';
  if (keyword === 'required' || keyword === 'additionalProperties') return shapeOf(schema);
  return remedyOf(schema);
}

/** What values of a schema must be: "must be a whole number from 1 to 400". */
export function remedyOf(schema: TSchema): string {
  const { remedy } = notesOf(schema);
  if (remedy !== undefined) return remedy;
  const { type, enum: allowed, anyOf, const: only } = schema as JsonSchema;
  const choice = allowed ?? anyOf?.map((branch) => branch.const) ?? (only === undefined ? undefined : [only]);
  if (choice !== undefined) return `must be one of ${choice.map(String).join(', ')}`;
  switch (type) {
    case 'boolean':
      return 'must be yes or no';
    case 'integer':
      return `must be a whole number${rangeOf(schema)}`;
    case 'number':
      return `must be a number${rangeOf(schema)}`;
    case 'array':
      return listOf(schema);
    case 'object':
      return shapeOf(schema);
    case 'string':
      return textOf(schema);
    default:
      return 'does not have the documented form';
  }
}

interface JsonSchema {
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly { readonly const?: unknown }[];
  readonly const?: unknown;
  readonly items?: TSchema;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
}

function rangeOf(schema: TSchema): string {
  const { minimum, maximum } = schema as JsonSchema;
  return bounds(minimum, maximum);
}

function bounds(least: number | undefined, most: number | undefined): string {
  if (least !== undefined && most !== undefined) return ` from ${least} to ${most}`;
  if (least !== undefined) return ` of at least ${least}`;
  return most === undefined ? '' : ` of at most ${most}`;
}

function textOf(schema: TSchema): string {
  const { minLength, maxLength } = schema as JsonSchema;
  const least = minLength === 1 ? undefined : minLength;
  const length = bounds(least, maxLength);
  const quotes = '; put it in quotes if it looks like something else';
  if ('pattern' in schema) return 'does not have the documented form';
  if (length !== '') return `must be text${length} characters`;
  return minLength === 1 ? `must be text, and not empty${quotes}` : `must be text${quotes}`;
}

function listOf(schema: TSchema): string {
  const { items, minItems, maxItems } = schema as JsonSchema;
  const count = minItems === undefined ? bounds(undefined, maxItems) : bounds(minItems, maxItems);
  const names = items === undefined ? undefined : propertiesOf(items);
  const what = names === undefined ? '' : `, each {${Object.keys(names).join(', ')}}; in a variable, as JSON`;
  return `must be a list${count === '' ? '' : `${count} entries`}${what}`;
}

function shapeOf(schema: TSchema): string {
  return `must hold ${Object.keys(propertiesOf(schema) ?? {}).join(', ')} and nothing else`;
}
