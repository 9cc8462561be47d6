import { type ApiDocument, resolved, type Schema } from './document.ts';
import { patternInWords } from './pattern-words.ts';

/** One line of a table of fields. */
export interface Field {
  /** With the objects it is in: `signals.ip`, `sends[].status`. */
  readonly name: string;
  readonly type: string;
  /** What a value has to be like, each in words; code stands between backticks. */
  readonly limits: readonly string[];
  readonly required: boolean;
  readonly description: string;
}

const depthMax = 6;

/** The fields of an object, each followed by those inside it. */
export function fieldsOf(document: ApiDocument, schema: Schema, prefix = '', depth = 0): readonly Field[] {
  const { properties = {}, required = [], items, type } = resolved(schema, document);
  if (depth > depthMax) return [];
  if (type === 'array') return fieldsOf(document, items ?? {}, `${prefix}[]`, depth + 1);
  return Object.entries(properties).flatMap(([name, given]) => {
    const own = resolved(given, document);
    const path = prefix === '' ? name : `${prefix}.${name}`;
    const field = { ...wordsOf(document, own), name: path, required: required.includes(name) };
    return [field, ...fieldsOf(document, own, path, depth + 1)];
  });
}

/** What one value is: its type, its limits and what it means. */
export function wordsOf(
  document: ApiDocument,
  given: Schema | undefined,
): Pick<Field, 'type' | 'limits' | 'description'> {
  const schema = resolved(given, document);
  return { type: typeInWords(document, schema), limits: limitsInWords(schema), description: schema.description ?? '' };
}

function typeInWords(document: ApiDocument, schema: Schema, depth = 0): string {
  const { type, format, items, anyOf, oneOf, enum: values } = schema;
  const choices = anyOf ?? oneOf;
  if (choices !== undefined && depth < depthMax) {
    return choices.map((choice) => typeInWords(document, resolved(choice, document), depth + 1)).join(' or ');
  }
  if (format === 'date-time') return 'time';
  if (type === 'array') {
    const item = depth < depthMax ? typeInWords(document, resolved(items, document), depth + 1) : '';
    return item === '' || item === 'any value' ? 'list' : `list of ${item}s`;
  }
  if (typeof type === 'object') return type.join(' or ');
  return type ?? (values === undefined && schema.const === undefined ? 'any value' : 'string');
}

function limitsInWords(schema: Schema): readonly string[] {
  const { minimum, maximum, minLength, maxLength, minItems, maxItems, format } = schema;
  const limits = [
    schema.const === undefined ? undefined : `always \`${shown(schema.const)}\``,
    schema.enum === undefined ? undefined : `one of ${schema.enum.map((value) => `\`${shown(value)}\``).join(', ')}`,
    rangeInWords(minimum, maximum),
    withUnit(rangeInWords(minLength, maxLength), 'characters'),
    withUnit(rangeInWords(minItems, maxItems), 'items'),
    schema.pattern === undefined ? undefined : (patternInWords(schema.pattern) ?? `matches \`${schema.pattern}\``),
    format === 'date-time' ? 'ISO 8601 in UTC' : format,
    schema.default === undefined ? undefined : `\`${shown(schema.default)}\` if absent`,
  ];
  return limits.filter((limit) => limit !== undefined);
}

function rangeInWords(least: number | undefined, most: number | undefined): string | undefined {
  if (most === undefined) return least === undefined ? undefined : `at least ${grouped(least)}`;
  if (least === undefined) return `at most ${grouped(most)}`;
  return least === most ? grouped(least) : `${grouped(least)} to ${grouped(most)}`;
}

function withUnit(range: string | undefined, unit: string): string | undefined {
  return range === undefined ? undefined : `${range} ${unit}`;
}

/** Statuses and the like are told apart by their look; only what is large needs its thousands set apart. */
function grouped(amount: number): string {
  return amount.toLocaleString('en-US');
}

function shown(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
