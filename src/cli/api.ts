import { CommandProblem, type Exit, exits } from './exits.ts';

export interface ApiRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** With its query. */
  readonly path: string;
  /** Id of the tenant that a request of the native API is for. */
  readonly tenant?: string | undefined;
  readonly body?: unknown;
}

export interface ApiAnswer {
  readonly status: number;
  /** JSON that was read; undefined for an empty body. */
  readonly body: unknown;
}

export type OnProgress = (done: number, total: number) => void;

/** The control API of a server: one that runs, or one put together for this command alone. */
export interface Api {
  readonly where: 'server' | 'offline';
  /** @throws CommandProblem when no answer comes */
  call(request: ApiRequest): Promise<ApiAnswer>;
  /** For long work that tells how far it is. Resolves with its result or its problem. */
  stream(request: ApiRequest, onProgress: OnProgress): Promise<ApiAnswer>;
  /** Ends what this command began; for one put together for this command, once what it queued has been delivered. */
  close(): Promise<void>;
}

/** What a good answer holds. @throws CommandProblem with what the server said otherwise */
export function resultOf<T>({ status, body }: ApiAnswer): T {
  if (status < 400) return body as T;
  const { code, detail, ...facts } = fieldsOf(body);
  const { type: _, title: __, ...rest } = facts;
  const said = typeof detail === 'string' ? detail : `the server answered ${status}`;
  throw new CommandProblem(exitOf(status), typeof code === 'string' ? code : 'unreadable_answer', said, {
    ...rest,
    status,
  });
}

/** 501 to 504 say that something behind the answer is not there; other 5xx are mistakes. */
function exitOf(status: number): Exit {
  if (status < 500) return exits.refused;
  return status === 500 ? exits.failed : exits.unavailable;
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}
