import { nearest } from '../../domain/nearest.ts';
import { type Field, fileFieldOf, keyOf, type Path, variableOf } from './fields.ts';
import { type Environment, type SettingsFile, settingsFileVariable } from './settings-file.ts';
import type { Written, WrittenMap } from './yaml.ts';

/** What may be written: every setting, the files of secrets, and names below which nobody knows what is right. */
export interface Known {
  readonly fields: readonly Field[];
  readonly opaque: readonly Path[];
}

const prefix = 'COUNTERSIGN_';
const providerPrefix = 'COUNTERSIGN_PROVIDERS_';

/** Lines about variables that name no setting, and about those that name two. */
export function unknownVariables(env: Environment, { fields, opaque }: Known): string[] {
  const paths = pathsOf(fields);
  const known = [settingsFileVariable, ...paths.map(variableOf)];
  const hidden = opaque.map((path) => `${variableOf(path)}_`);
  return Object.keys(env)
    .filter((name) => name.startsWith(prefix) && !hidden.some((start) => name.startsWith(start)))
    .flatMap((name) => {
      const meant = paths.filter((path) => variableOf(path) === name).map(keyOf);
      if (meant.length > 1) return [`${name} stands for ${meant.join(' and ')}; rename one of the providers`];
      if (known.includes(name)) return [];
      if (name.startsWith(providerPrefix) && !known.some((other) => other.startsWith(providerPrefix))) {
        return [`${name} is of no provider; name one in providers, or set COUNTERSIGN_PROVIDERS_<NAME>_TYPE`];
      }
      return [`${name} is no setting; did you mean ${nearest(name, known)}?`];
    });
}

/** Lines about keys of the file that name no setting, or hold a value where settings belong. */
export function unknownKeys(file: SettingsFile, { fields, opaque }: Known): string[] {
  const paths = pathsOf(fields);
  // Not keyOf: a key may itself hold a dot.
  const idOf = (path: Path) => JSON.stringify(path);
  const leaves = new Set([...paths, ...opaque].map(idOf));
  const all = [...paths, ...opaque, ['providers', '']];
  const problems: string[] = [];
  const walk = (map: WrittenMap, under: Path) => {
    const below = all.filter((path) => under.every((name, index) => path[index] === name));
    const names = [...new Set(below.map((path) => path[under.length] ?? ''))].filter((name) => name !== '');
    for (const [name, written] of map) {
      const path = [...under, name];
      const where = `in ${file.shown} line ${written.line}`;
      if (leaves.has(idOf(path))) continue;
      const inner = mapOf(written);
      if (!names.includes(name)) problems.push(`${shown(path)} ${where} is no setting${hint(name, names, under)}`);
      else if (inner === undefined) problems.push(`${keyOf(path)} ${where} ${notSettings}`);
      else walk(inner, path);
    }
  };
  walk(file.root.content as WrittenMap, []);
  return problems;
}

export const notSettings = 'must hold settings of its own, indented below it';

function hint(name: string, names: readonly string[], under: Path): string {
  const meant = looksLikeName(name) ? nearest(name, names) : undefined;
  return meant === undefined ? '' : `; did you mean ${keyOf([...under, meant])}?`;
}

/** The map that a key holds; an empty one where all of its lines are comments. */
export function mapOf({ content }: Written): WrittenMap | undefined {
  if (content === null) return new Map();
  return content instanceof Map ? content : undefined;
}

function pathsOf(fields: readonly Field[]): Path[] {
  return fields.flatMap((field) => {
    const file = fileFieldOf(field);
    return file === undefined ? [field.path] : [field.path, file.path];
  });
}

/** A key as it was written, unless its last name does not look like one: it could then be a secret. */
function shown(path: Path): string {
  return looksLikeName(path.at(-1) ?? '') ? keyOf(path) : keyOf([...path.slice(0, -1), '*']);
}

function looksLikeName(name: string): boolean {
  return /^[A-Za-z][A-Za-z0-9_.-]{0,39}$/.test(name);
}
