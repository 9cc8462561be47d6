import type { TSchema } from 'typebox';
import type { ProviderType } from '../../channels/provider-type.ts';
import { type Field, fieldsOf, keyOf, notesOf, variableOf } from './fields.ts';
import { settingsSchema } from './schema.ts';

/** A setting as documents and listings show it. */
export interface ListedSetting {
  readonly key: string;
  readonly variable: string;
  /** In words, with values in backquotes. */
  readonly default: string;
  readonly description: string;
}

/** Every setting but those of providers, which each type has its own of. */
export function settingsList(): readonly ListedSetting[] {
  return fieldsOf(settingsSchema).map((field) => listed(field));
}

/** What providers of a type ask for, as one that is called `<name>`. */
export function providerSettingsList({ settings }: ProviderType): readonly ListedSetting[] {
  return fieldsOf(settings, ['providers', '<name>']).map(listed);
}

function listed({ path, schema, optional }: Field): ListedSetting {
  const missing = optional ? 'none' : 'required';
  return {
    key: keyOf(path),
    variable: variableOf(path),
    default: defaultInWords(schema, missing),
    description: notesOf(schema).description ?? '',
  };
}

function defaultInWords(schema: TSchema, missing: string): string {
  const { default: always, defaults, defaultText } = notesOf(schema);
  if (defaultText !== undefined) return defaultText;
  if (defaults === undefined) return inWords(always, missing);
  const { development, production } = defaults;
  return `${inWords(production, missing)}; ${inWords(development, missing)} in development mode`;
}

function inWords(value: unknown, missing: string): string {
  if (value === undefined) return missing;
  if (Array.isArray(value) && value.length === 0) return 'none';
  if (typeof value === 'boolean') return value ? '`yes`' : '`no`';
  return `\`${typeof value === 'string' ? value : JSON.stringify(value)}\``;
}
