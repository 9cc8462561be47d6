import type { FastifySchemaValidationError } from 'fastify';
import type { EdgeError } from './edge-error.ts';

/**
 * Says which input field a schema refused and what to do, from the validator's own words. It repeats facts of the
 * schema and, where they look like one, names of unknown fields; never a value.
 */
export function invalidInput(found: readonly FastifySchemaValidationError[]): EdgeError {
  const error = deciding(found);
  if (error === undefined) return { kind: 'invalid', remedy: 'is not acceptable' };

  const at = pointer(error.instancePath);
  const { missingProperty, additionalProperty } = error.params;
  switch (error.keyword) {
    case 'required':
      return invalid([...at, String(missingProperty)], 'is required');
    case 'additionalProperties':
      return unknownField(at, String(additionalProperty));
    default:
      return invalid(at, remedyOf(error, found));
  }
}

/** A refused union reports every branch first and itself last; anything else reports one error. */
function deciding(found: readonly FastifySchemaValidationError[]): FastifySchemaValidationError | undefined {
  const last = found.at(-1);
  return last?.keyword === 'anyOf' || last?.keyword === 'oneOf' ? last : found[0];
}

function remedyOf(
  { keyword, params }: FastifySchemaValidationError,
  found: readonly FastifySchemaValidationError[],
): string {
  const limit = String(params.limit);
  switch (keyword) {
    case 'type':
      return `must be of type ${[params.type].flat().join(' or ')}`;
    case 'enum':
      return oneOf([params.allowedValues].flat());
    case 'const':
      return oneOf([params.allowedValue]);
    case 'anyOf':
    case 'oneOf':
      return oneOf(found.filter((branch) => branch.keyword === 'const').map((branch) => branch.params.allowedValue));
    case 'minLength':
      return `must have at least ${limit} characters`;
    case 'maxLength':
      return `must have at most ${limit} characters`;
    case 'minItems':
      return `must have at least ${limit} items`;
    case 'maxItems':
      return `must have at most ${limit} items`;
    case 'minimum':
      return `must be at least ${limit}`;
    case 'maximum':
      return `must be at most ${limit}`;
    case 'format':
      return `must have the format ${String(params.format)}`;
    default:
      return 'does not have the documented form';
  }
}

function oneOf(values: readonly unknown[]): string {
  return values.length === 0 ? 'has none of the documented forms' : `must be one of: ${values.map(String).join(', ')}`;
}

function unknownField(at: readonly string[], name: string): EdgeError {
  const shown = shownName(name);
  if (shown !== '*') return invalid([...at, shown], 'is not a field of this request; remove it');
  return invalid(at, 'holds a field that this request does not have; remove it');
}

/** A name that the client chose, if it looks like a name: no field of ours is longer, and every secret of ours is. */
export function shownName(name: string): string {
  return /^[A-Za-z][A-Za-z0-9_.-]{0,31}$/.test(name) ? name : '*';
}

/** An invalid field, by its path; the input as a whole when the path is empty. */
export function invalid(path: readonly string[], remedy: string): EdgeError {
  return path.length === 0 ? { kind: 'invalid', remedy } : { kind: 'invalid', field: path.join('/'), remedy };
}

function pointer(instancePath: string): string[] {
  const names = instancePath.split('/').slice(1);
  return names.map((name) => (/^\d{1,3}$/.test(name) ? name : shownName(name)));
}
