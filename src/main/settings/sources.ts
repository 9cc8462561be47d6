import type { TSchema } from 'typebox';
import { parseStrictJson } from '../../http/strict-json.ts';
import { type Field, fileFieldOf, keyOf, variableOf } from './fields.ts';
import type { Environment, SettingsFile } from './settings-file.ts';
import { plainOf, writtenAt } from './yaml.ts';

/** A value as somebody wrote it, and what they know it by. */
export interface Given {
  readonly value: unknown;
  /** The setting as it was written, or a place inside its value: "listen in countersign.yaml line 3". */
  name(within?: readonly string[]): string;
}

/** Where settings come from. A variable goes before the file. */
export interface Sources {
  readonly env: Environment;
  readonly file: SettingsFile | undefined;
}

/** What was given for one setting; undefined when nothing was. A variable that is empty gives nothing. */
export function given({ env, file }: Sources, { path, schema }: Field): Given | undefined {
  const variable = variableOf(path);
  const text = env[variable];
  if (text !== undefined && text !== '') {
    return { value: fromText(schema, text), name: (within = []) => `${variable}${stepsText(within)}` };
  }
  const written = file && writtenAt(file.root, path);
  if (file === undefined || written === undefined) return undefined;
  return {
    value: fromYaml(schema, plainOf(written)),
    name: (within = []) => {
      const line = writtenAt(written, within)?.line ?? written.line;
      return `${keyOf(path)}${stepsText(within)} in ${file.shown} line ${line}`;
    },
  };
}

/** What was given for a setting, or for the file of it where it is a secret. */
export function givenAnyhow(sources: Sources, field: Field): Given | undefined {
  const asFile = fileFieldOf(field);
  return given(sources, field) ?? (asFile && given(sources, asFile));
}

/** The setting as it was written, or else its key and its variable. */
export function nameOf(sources: Sources, field: Field): string {
  return givenAnyhow(sources, field)?.name() ?? `${keyOf(field.path)} (${variableOf(field.path)})`;
}

/** `[0].count` */
function stepsText(within: readonly string[]): string {
  return within.map((step) => (/^\d+$/.test(step) ? `[${step}]` : `.${step}`)).join('');
}

const words: Readonly<Record<string, boolean>> = { yes: true, true: true, no: false, false: false };

/** The value that a text stands for by its type; the text itself when it stands for none, which the check then refuses. */
export function fromText(schema: TSchema, text: string): unknown {
  const { type, items } = schema as { readonly type?: string; readonly items?: TSchema };
  if (type === 'boolean') return Object.hasOwn(words, text) ? words[text] : text;
  if (type === 'integer' || type === 'number') return /^-?\d{1,15}(?:\.\d{1,15})?$/.test(text) ? Number(text) : text;
  if (type === 'object' || (items !== undefined && 'properties' in items)) {
    const json = parseStrictJson(Buffer.from(text));
    return json.kind === 'parsed' ? json.value : text;
  }
  if (type !== 'array' || items === undefined) return text;
  return text.split(',').map((part) => fromText(items, part.trim()));
}

/** As YAML has it; `yes` and `no`, which YAML 1.2 takes for texts, are understood where one of them is asked for. */
function fromYaml(schema: TSchema, value: unknown): unknown {
  const { type } = schema as { readonly type?: string };
  return type === 'boolean' && typeof value === 'string' ? fromText(schema, value) : value;
}
