import { resolve } from 'node:path';
import { defaultIn, type Field, fileFieldOf, keyOf, notesOf, variableOf } from './fields.ts';
import { defectsOf } from './remedies.ts';
import type { Mode } from './schema.ts';
import { readSmallFile } from './small-file.ts';
import { type Given, given, type Sources } from './sources.ts';

/** What reading needs besides the setting itself. */
export interface Reading {
  readonly mode: Mode;
  readonly cwd: string;
  readonly sources: Sources;
  /** Takes one line about what is wrong. */
  problem(line: string): void;
}

const secretBytesMax = 64 * 1024;
/** What manuals write where a secret belongs. */
const sample = /change-?me|example|secret123/i;

/** The value of one setting, or its default; undefined when it has none, or when a problem was reported. */
export function readField(field: Field, reading: Reading): unknown {
  const { schema, optional } = field;
  const found = fieldGiven(field, reading);
  if (found === 'bad') return undefined;
  if (found === undefined) {
    const preset = defaultIn(schema, reading.mode);
    if (preset === undefined && !optional) reading.problem(required(field));
    return preset;
  }
  const { only } = notesOf(schema);
  if (only !== undefined && only !== reading.mode) {
    reading.problem(`${found.name()} is known to ${only} mode only; remove it`);
    return undefined;
  }
  return checked(schema, found, reading);
}

function required({ path, schema }: Field): string {
  const file = notesOf(schema).secret ? `; it may also be in a file that ${path.at(-1)}File names` : '';
  return `${keyOf(path)} (${variableOf(path)}) is required${file}`;
}

/** What was given, itself or by a file; what may not be given so is reported. */
function fieldGiven(field: Field, reading: Reading): Given | undefined | 'bad' {
  const { sources, problem } = reading;
  const itself = given(sources, field);
  const fileField = fileFieldOf(field);
  const byFile = fileField && given(sources, fileField);
  if (itself !== undefined && byFile !== undefined) {
    problem(`${itself.name()} and ${byFile.name()} are both set; keep one of them`);
    return 'bad';
  }
  if (byFile !== undefined) return secretFrom(byFile, reading);
  // Also where a variable goes before it: it is there for others to read all the same.
  const inFile = notesOf(field.schema).secret ? given({ ...sources, env: {} }, field) : undefined;
  if (inFile !== undefined && sources.file?.openToOthers) {
    problem(`${inFile.name()} is a secret in a file that others may read; run chmod 600 ${sources.file.shown}`);
  }
  return itself;
}

/** The secret in the file that was named, without the space around it. */
function secretFrom(byFile: Given, { cwd, problem }: Reading): Given | 'bad' {
  const bad = (remedy: string) => {
    problem(`${byFile.name()} ${remedy}`);
    return 'bad' as const;
  };
  if (typeof byFile.value !== 'string' || byFile.value === '') return bad('must be the path of a file');
  const file = readSmallFile(resolve(cwd, byFile.value), secretBytesMax);
  // The path stays unsaid: whoever mixes up the two settings has written the secret there.
  if (file.kind === 'unreadable') return bad(`names a file that ${file.why}`);
  if (file.openToOthers) return bad('names a file that others may read; run chmod 600 on it');
  const value = file.text.trim();
  return value === '' ? bad('names a file that is empty') : { ...byFile, value };
}

function checked(schema: Field['schema'], found: Given, { mode, problem }: Reading): unknown {
  if (found.value === null) {
    problem(`${found.name()} has no value; give it one, or remove it`);
    return undefined;
  }
  const defects = defectsOf(schema, found.value);
  for (const { within, remedy } of defects) problem(`${found.name(within)} ${remedy}`);
  if (defects.length > 0) return undefined;
  if (mode !== 'development' && notesOf(schema).secret && sample.test(String(found.value))) {
    problem(`${found.name()} is a sample and no secret; put one of your own in its place`);
    return undefined;
  }
  return found.value;
}

/**
 * Puts values where their paths say, and leaves out what has none.
 * @param under - how many names of each path lead to the object that is made
 */
export function assembled(
  fields: readonly Field[],
  under: number,
  read: (field: Field) => unknown,
): Readonly<Record<string, unknown>> {
  const root: Record<string, unknown> = {};
  for (const field of fields) {
    const names = field.path.slice(under);
    let group = root;
    for (const name of names.slice(0, -1)) {
      if (!Object.hasOwn(group, name)) group[name] = {};
      group = group[name] as Record<string, unknown>;
    }
    const value = read(field);
    if (value !== undefined) group[names.at(-1) ?? ''] = value;
  }
  return root;
}
