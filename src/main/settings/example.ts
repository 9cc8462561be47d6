import type { TSchema } from 'typebox';
import { Value } from 'typebox/value';
import { stringify } from 'yaml';
import type { ProviderType } from '../../channels/provider-type.ts';
import { channels } from '../../domain/channel.ts';
import { defaultIn, fieldsOf, fileFieldOf, notesOf, propertiesOf } from './fields.ts';
import { assembled } from './read-field.ts';
import { settingsSchema } from './schema.ts';

/** Stands where a secret belongs; the check takes it for none. */
export const sampleText = 'changeme';

const head = `# Settings of Countersign. Every key can be overridden by a variable: retention.auditDays by
# COUNTERSIGN_RETENTION_AUDIT_DAYS. What is commented out without a space after its # shows the default, or an example
# where there is none. Keep the file to yourself (chmod 600) if you write secrets into it.
`;

/** A settings file for production in which every setting is described, and all that need not be set is commented out. */
export function exampleSettings(providerTypes: readonly ProviderType[]): string {
  const blocks = Object.entries(propertiesOf(settingsSchema) ?? {}).map(([name, schema]) =>
    name === 'routes'
      ? [...providersBlock(providerTypes), '', ...routesBlock(name, schema, providerTypes)]
      : block(name, schema, ''),
  );
  return `${head}\n${blocks.map((lines) => `${lines.join('\n')}\n`).join('\n')}`;
}

/** A setting and its description; for a group, those of its settings too. */
function block(name: string, schema: TSchema, indent: string): string[] {
  const comment = commented(schema, indent, name);
  const inner = propertiesOf(schema);
  if (inner !== undefined) {
    const lines = Object.entries(inner).flatMap(([key, property]) => block(key, property, `${indent}  `));
    return [...comment, `${indent}#${name}:`, ...lines];
  }
  // Two settings that exclude each other, or one that production does not know, are named and not shown.
  const example = exampleOf(schema);
  if (isNotShown(schema) || example === undefined) return comment;
  const isRequired = defaultIn(schema, 'production') === undefined && 'defaults' in schema;
  return [...comment, `${indent}${isRequired ? '' : '#'}${name}: ${shown(example)}`];
}

function isNotShown(schema: TSchema): boolean {
  const { fileSetting, only } = notesOf(schema);
  return fileSetting !== undefined || only === 'development';
}

function commented(schema: TSchema, indent: string, name: string): string[] {
  const { description } = notesOf(schema);
  const file = fileFieldOf({ path: [name], schema, optional: true });
  const lines = description === undefined ? [] : [isNotShown(schema) ? `${name}: ${description}` : description];
  if (file !== undefined) lines.push(`${file.path[0]} in its place names a file that holds it`);
  return lines.map((line) => `${indent}# ${line.replaceAll('`', '')}.`);
}

/** What a setting can be set to; undefined where its schema gives nothing to go by. */
function exampleOf(schema: TSchema): unknown {
  const { secret, examples } = notesOf(schema);
  if (secret) return sampleText;
  const { type, enum: allowed, minimum } = schema as JsonSchema;
  const candidates = [defaultIn(schema, 'production'), examples?.[0], allowed?.[0], minimum, blanks[type ?? '']];
  return candidates.find((value) => value !== undefined && Value.Check(schema, value));
}

interface JsonSchema {
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly minimum?: number;
}

const blanks: Readonly<Record<string, unknown>> = { boolean: false, integer: 1, number: 1, array: [], string: 'value' };

/** A value in one line of YAML. */
function shown(value: unknown): string {
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  return stringify(value, { collectionStyle: 'flow', lineWidth: 0 }).trimEnd();
}

function providersBlock(types: readonly ProviderType[]): string[] {
  const lines = types.flatMap(({ type, description, settings }) => [
    `  # ${description.replace(/\.?$/, '.')}`,
    `  #${type}:`,
    `    #type: ${type}`,
    ...Object.entries(propertiesOf(settings) ?? {}).flatMap(([name, schema]) => block(name, schema, '    ')),
  ]);
  return [
    '# Who carries messages: a name of your choice, its type, and what that type asks for.',
    '#providers:',
    ...lines,
  ];
}

/** The first provider of the example that carries it, for each channel. */
function routesBlock(name: string, schema: TSchema, types: readonly ProviderType[]): string[] {
  const inner = propertiesOf(schema) ?? {};
  const carrier = (channel: string) =>
    types.find((type) => type.channels(exampleOfType(type)).some((carried) => carried === channel))?.type;
  const lines = channels.flatMap((channel) => {
    const found = carrier(channel);
    const route = inner[channel];
    return [
      ...(route === undefined ? [] : commented(route, '  ', channel)),
      `  #${channel}: ${found === undefined ? '[]' : `[${found}]`}`,
    ];
  });
  return [...commented(schema, '', name), `#${name}:`, ...lines];
}

function exampleOfType({ settings }: ProviderType): unknown {
  return assembled(fieldsOf(settings), 0, ({ schema }) => exampleOf(schema));
}
