import { Type } from 'typebox';

/* Parts of which every face makes the shapes of its requests and answers. */

/** Unknown fields are refused. */
export const closed = { additionalProperties: false } as const;

/** One of some words. */
export const oneOf = <const T extends readonly string[]>(values: T, description: string) =>
  Type.Unsafe<T[number]>({ type: 'string', enum: [...values], description });

/** A whole number, bounds included. */
export const range = ({ least, most }: { least: number; most: number }, description: string) =>
  Type.Integer({ minimum: least, maximum: most, description });

/** Text of one line without control characters, and not empty. */
export const line = (maxLength: number, description: string) =>
  Type.String({ minLength: 1, maxLength, pattern: '^[^\\x00-\\x1f\\x7f]*$', description });

/** In answers: ISO 8601 in UTC, with milliseconds. */
export const time = (description: string) => Type.String({ format: 'date-time', description });

/** In answers: null where there is none. */
export const nullable = <T>(schema: { type: string; description?: string }) =>
  Type.Unsafe<T | null>({ ...schema, type: [schema.type, 'null'] });

export const emptyBody = Type.Object({}, closed);
export const noQuery = Type.Object({}, closed);

/** Any text: what cannot be an id is answered as one that is not known. */
export const idParams = Type.Object({ id: Type.String() });

/** @param repeated - how a repeated request is answered */
export const repeatHeadersOf = (repeated: string) =>
  Type.Object({
    'idempotency-key': Type.Optional(
      Type.String({ description: `1 to 255 visible characters; a repeated request with the same key ${repeated}` }),
    ),
  });
