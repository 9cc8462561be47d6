/**
 * Every field that may stand in a log line, and what it means. A field that is not listed is left out of the line, and a
 * test finds the call that tried. Never listed: codes, bodies, message text, credentials, cookies, URLs, recipients in
 * clear. docs/observability.md shows this table.
 */
export const logFields = {
  err: 'an error: name, code, message, stack and cause',
  fault: 'the same as text, from the thread that writes',
  errorName: 'the name alone of an error whose words may quote a message',
  command: 'kind of command, such as create',
  commands: 'how many commands it concerns',
  reason: 'why, as a stable name',
  reasons: 'why, where there may be several reasons',
  work: 'which due work it was',
  notice: 'what an operator wants to hear of, as a stable name',
  steps: 'steps of the time of day since the start',
  confirmed: 'whether the time of day is to be believed',
  stopped: 'whether an operator has stopped all sending',
  rows: 'how many rows it concerns',
  ring: 'which key ring',
  keyId: 'id of a key, of a ring or of the API: it opens nothing',
  tenantId: 'whose',
  verificationId: 'about which verification',
  recipient: 'calling code and last two digits of a number, or `e-mail`, and a keyed hash that is always the same',
  provider: 'name of the provider',
  requestId: 'as the answer names it',
  method: 'HTTP method',
  route: 'pattern of the path, such as /v1/verifications/:id; never the URL',
  prefix: 'where a face is mounted',
  status: 'HTTP status of the answer',
  milliseconds: 'how long it took',
  leftOut: 'lines of the same kind that were not written in the second before',
  version: 'version of the server',
  address: 'where it listens',
} as const;

export type LogFields = { readonly [Name in keyof typeof logFields]?: unknown };

/** Where the server writes down what happened: facts chosen one by one, and a sentence that holds none. */
export interface Log {
  error(fields: LogFields, message: string): void;
  warn(fields: LogFields, message: string): void;
  info(fields: LogFields, message: string): void;
}
