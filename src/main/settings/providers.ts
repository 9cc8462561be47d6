import { Type } from 'typebox';
import { Value } from 'typebox/value';
import type { ProviderType } from '../../channels/provider-type.ts';
import type { Channel } from '../../domain/channel.ts';
import { nearest } from '../../domain/nearest.ts';
import type { Provider } from '../../engine/provider.ts';
import { type Field, fieldsOf, keyOf, type Path, variableOf } from './fields.ts';
import { assembled, type Reading, readField } from './read-field.ts';
import { providerName } from './schema.ts';
import type { Environment } from './settings-file.ts';
import { given, nameOf, type Sources } from './sources.ts';
import { mapOf, notSettings } from './unknown.ts';
import { type Written, writtenAt } from './yaml.ts';

/** A provider that is configured. What it was told stays with it: there are secrets among it. */
export interface ConfiguredProvider {
  readonly name: string;
  readonly type: string;
  readonly channels: readonly Channel[];
  create(): Provider;
}

/** A provider that somebody named, and its type where that is known. */
export interface NamedProvider {
  readonly name: string;
  readonly type: ProviderType | undefined;
  readonly fields: readonly Field[];
}

export const providersPath: Path = ['providers'];
export const pathOf = (name: string): Path => [...providersPath, name];

function typeField(name: string): Field {
  return { path: [...pathOf(name), 'type'], schema: Type.String(), optional: false };
}

/** Every provider that the file or a variable names. A type that is missing or unknown is reported. */
export function namedProviders(types: readonly ProviderType[], { sources, problem }: Reading): NamedProvider[] {
  const named = (name: string): NamedProvider => {
    const type = typeOf(name, types, sources);
    const own = type === undefined ? [] : fieldsOf(type.settings, pathOf(name));
    return { name, type, fields: [typeField(name), ...own] };
  };
  const all = namesInFile(sources).map(named);
  for (const name of namesInVariables(sources.env)) {
    // `…_MAIL_AUTH_TYPE` may be the authType of `mail` and name no provider `mail-auth`.
    const variable = variableOf([...pathOf(name), 'type']);
    const isTaken = all.some(({ fields }) => fields.some(({ path }) => variableOf(path) === variable));
    if (!isTaken) all.push(named(name));
  }
  for (const { name, type } of all) if (type === undefined) problem(typeProblem(name, types, sources));
  return all;
}

function typeOf(name: string, types: readonly ProviderType[], sources: Sources): ProviderType | undefined {
  const text = given(sources, typeField(name))?.value;
  return types.find(({ type }) => type === text);
}

function typeProblem(name: string, types: readonly ProviderType[], sources: Sources): string {
  const field = typeField(name);
  const found = given(sources, field);
  const known = types.map(({ type }) => type);
  if (found === undefined) return `${nameOf(sources, field)} is required; it must be one of ${known.join(', ')}`;
  const meant = typeof found.value === 'string' ? nearest(found.value, known) : undefined;
  return `${found.name()} is no type of provider${meant === undefined ? '' : `; did you mean ${meant}?`}`;
}

function providersInFile({ file }: Sources): Written | undefined {
  return file && writtenAt(file.root, providersPath);
}

function namesInFile(sources: Sources): string[] {
  const written = providersInFile(sources);
  const entries = [...((written && mapOf(written)) ?? [])];
  return entries
    .filter(([name, provider]) => providerName.test(name) && mapOf(provider) !== undefined)
    .map(([name]) => name);
}

/** Lines about what stands in `providers` of the file and is no provider at all. */
export function misshapenProviders(sources: Sources): { readonly path: Path; readonly problem: string }[] {
  const written = providersInFile(sources);
  if (written === undefined) return [];
  const where = ({ line }: Written) => `in ${sources.file?.shown} line ${line}`;
  const map = mapOf(written);
  if (map === undefined) return [{ path: providersPath, problem: `providers ${where(written)} ${notSettings}` }];
  return [...map].flatMap(([name, provider]) => {
    const path = pathOf(name);
    if (!providerName.test(name)) return [{ path, problem: `a name in providers ${where(provider)} ${nameRemedy}` }];
    return mapOf(provider) === undefined ? [{ path, problem: `${keyOf(path)} ${where(provider)} ${notSettings}` }] : [];
  });
}

const nameRemedy = 'must begin with a letter and be lower-case letters, digits and hyphens, at most 32';

/** `COUNTERSIGN_PROVIDERS_MAIL_EU_TYPE` makes a provider `mail-eu`. */
function namesInVariables(env: Environment): string[] {
  const found = Object.entries(env).map(([variable, value]) =>
    value ? /^COUNTERSIGN_PROVIDERS_([A-Z][A-Z0-9_]{0,31})_TYPE$/.exec(variable)?.[1] : undefined,
  );
  const names = found.filter((name) => name !== undefined).map((name) => name.toLowerCase().replaceAll('_', '-'));
  return names.sort((one, other) => one.length - other.length);
}

/** Reads what a provider was told; undefined when a problem was reported. */
export function readProvider({ name, type, fields }: NamedProvider, reading: Reading): ConfiguredProvider | undefined {
  if (type === undefined) return undefined;
  let sound = true;
  const problem = (line: string) => {
    sound = false;
    reading.problem(line);
  };
  const [, ...own] = fields;
  const settings = assembled(own, 2, (field) => readField(field, { ...reading, problem }));
  if (!sound) return undefined;
  if (!Value.Check(type.settings, settings)) {
    problem(`${keyOf(pathOf(name))} does not have the form that the type ${type.type} asks for`);
    return undefined;
  }
  for (const { field, remedy } of type.problems(settings, { development: reading.mode === 'development' })) {
    problem(`${nameInside(name, own, field, reading.sources)} ${remedy}`);
  }
  if (!sound) return undefined;
  return { name, type: type.type, channels: type.channels(settings), create: () => type.create(name, settings) };
}

function nameInside(name: string, fields: readonly Field[], key: string, sources: Sources): string {
  const whole = `${keyOf(pathOf(name))}.${key}`;
  const field = fields.find(({ path }) => keyOf(path) === whole);
  return field === undefined ? whole : nameOf(sources, field);
}
