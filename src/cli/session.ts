import { type Api, type ApiRequest, resultOf } from './api.ts';
import { CommandProblem, type Exit, exits, misused } from './exits.ts';
import { type Paint, painter, printable } from './paint.ts';
import type { CliParts, Whereabouts } from './parts.ts';
import { progressLine } from './progress.ts';

/** What every command takes. */
export interface GlobalOptions {
  readonly config?: string;
  readonly dataDir?: string;
  readonly json?: boolean;
  readonly color: boolean;
}

/** What a command found out: the same facts for a program and for people. */
export interface Reply {
  readonly json: unknown;
  readonly text: string;
  /** `done` when absent. */
  readonly exit?: Exit;
}

export interface TenantBody {
  readonly id: string;
  readonly name: string;
  readonly dailySendsMax: number;
  readonly sendsToday: number;
  readonly prepaid: boolean;
  readonly balance: number;
  readonly currency: string;
  readonly createdAt: string;
}

/** One command under way. */
export interface Session {
  readonly parts: CliParts;
  readonly where: Whereabouts;
  readonly paint: Paint;
  /** The server, asked for when it is first needed. */
  api(): Promise<Api>;
  /** @throws CommandProblem with what the server refused, or that it is not there */
  call<T>(method: ApiRequest['method'], path: string, body?: unknown, tenant?: string): Promise<T>;
  /** Long work, with a line on a terminal that tells how far it is. */
  long<T>(what: string, request: ApiRequest): Promise<T>;
  /** The tenant that was named by its name or id, or the only one. */
  tenant(named: string | undefined): Promise<TenantBody>;
  /** Has somebody agree to what cannot be undone. @throws CommandProblem when nobody does */
  confirm(what: string, yes: boolean | undefined): Promise<void>;
  close(): Promise<void>;
}

export function openSession(parts: CliParts, options: GlobalOptions): Session {
  const { terminal } = parts;
  const where = { configFile: options.config, dataDir: options.dataDir };
  const paint = painter(terminal.outIsTerminal && options.color && !parts.plain && options.json !== true);
  let connected: Promise<Api> | undefined;
  const api = () => {
    connected ??= parts.connect(where);
    return connected;
  };
  const call = async <T>(method: ApiRequest['method'], path: string, body?: unknown, tenant?: string) =>
    resultOf<T>(await (await api()).call({ method, path, body, tenant }));

  return {
    parts,
    where,
    paint,
    api,
    call,
    async long<T>(what: string, request: ApiRequest) {
      const progress = progressLine(terminal, what);
      const answer = await (await api()).stream(request, progress.tell).finally(progress.end);
      return resultOf<T>(answer);
    },
    async tenant(named) {
      const { tenants } = await call<{ tenants: readonly TenantBody[] }>('GET', '/admin/v1/tenants');
      return chosen(tenants, named);
    },
    async confirm(what, yes) {
      if (yes === true) return;
      if (!terminal.inIsTerminal || !terminal.errIsTerminal) {
        throw misused(`this ${what}; say --yes where nobody can be asked`);
      }
      const said = await terminal.prompt(`This ${what}. Go on? [y/N] `);
      if (!/^y(es)?$/i.test(said.trim())) throw new CommandProblem(exits.failed, 'not_confirmed', 'nothing was done');
    },
    async close() {
      const opened = await connected?.catch(() => undefined);
      await opened?.close();
    },
  };
}

function chosen(tenants: readonly TenantBody[], named: string | undefined): TenantBody {
  const known = tenants.map(({ name, id }) => `${printable(name)} (${id})`).join(', ');
  const [first, ...more] =
    named === undefined ? tenants : tenants.filter(({ id, name }) => id === named || name === named);
  if (first !== undefined && more.length === 0) return first;
  if (tenants.length === 0) throw refused('there is no tenant yet; make one with: countersign tenant create NAME');
  if (first === undefined) throw refused(`there is no such tenant; there are ${known}`);
  throw misused(
    named === undefined
      ? `name the tenant with --tenant; there are ${known}`
      : `more than one tenant has this name; say its id: ${known}`,
  );
}

function refused(detail: string): CommandProblem {
  return new CommandProblem(exits.refused, 'not_found', detail);
}
