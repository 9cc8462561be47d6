/**
 * Where the server writes down what happened. `fields` is an allow-list of facts chosen by the caller: never a code, a
 * request body, a credential or message text. An error object goes under `err`.
 */
export interface Log {
  error(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  info(fields: object, message: string): void;
}
