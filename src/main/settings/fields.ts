import { IsOptional, type TObject, type TSchema, Type } from 'typebox';
import type { Mode, Notes } from './schema.ts';

export type Path = readonly string[];

/** One setting that has a value of its own, where in the settings it stands, and whether it may be left out. */
export interface Field {
  readonly path: Path;
  readonly schema: TSchema;
  readonly optional: boolean;
}

/**
 * The settings of a schema in its order. Its inner objects only group: each of their settings is required or not by
 * itself.
 */
export function fieldsOf(schema: TSchema, under: Path = []): readonly Field[] {
  const inner = propertiesOf(schema);
  if (inner === undefined) return [{ path: under, schema, optional: IsOptional(schema) }];
  return Object.entries(inner).flatMap(([name, property]) => fieldsOf(property, [...under, name]));
}

/** The properties of an object, by name; undefined for anything else. */
export function propertiesOf(schema: TSchema): Readonly<Record<string, TSchema>> | undefined {
  return (schema as Partial<TObject>).properties;
}

export function notesOf(schema: TSchema): Notes {
  return schema as Notes;
}

export function defaultIn(schema: TSchema, mode: Mode): unknown {
  const { default: always, defaults } = notesOf(schema);
  return defaults === undefined ? always : defaults[mode];
}

/** The setting that takes the path of a file which holds a secret: `passwordFile` for `password`. */
export function fileFieldOf({ path, schema }: Field): Field | undefined {
  const { secret, fileSetting } = notesOf(schema);
  if (!secret || fileSetting !== undefined) return undefined;
  const last = path.at(-1) ?? '';
  return { path: [...path.slice(0, -1), `${last}File`], schema: Type.String({ minLength: 1 }), optional: true };
}

/** `providers.mail.port` */
export function keyOf(path: Path): string {
  return path.join('.');
}

/** The variable of a setting: `COUNTERSIGN_PROVIDERS_MAIL_PORT` */
export function variableOf(path: Path): string {
  return ['COUNTERSIGN', ...path.map(upperSnake)].join('_');
}

/** `auditDays` and `audit-days` become `AUDIT_DAYS`. */
export function upperSnake(name: string): string {
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replaceAll('-', '_')
    .toUpperCase();
}
