import { exits, misused } from '../exits.ts';
import { table } from '../layout.ts';
import { command, type TenantOption, tenantOption, wholeNumber, withQuery } from '../spec.ts';

interface EntryBody {
  readonly number: number;
  readonly at: string;
  readonly actor: string;
  readonly action: string;
  readonly target: string;
  readonly before: unknown;
  readonly after: unknown;
}

export interface VerificationOfTrails {
  readonly ok: boolean;
  readonly trails: readonly {
    readonly tenantId: string;
    readonly entries: number;
    readonly head: { readonly number: number; readonly hash: string };
    readonly problem: { readonly number: number; readonly what: string } | null;
  }[];
}

interface ListOptions extends TenantOption {
  readonly operator?: boolean;
  readonly after?: number;
  readonly limit?: number;
}

export const auditCommands = [
  command<ListOptions>(
    {
      name: 'audit list',
      does: 'Lists administrative changes, oldest first.',
      example: 'countersign audit list --tenant Acme --after 100 --limit 20',
      options: [
        { flags: '--after <number>', does: 'only entries after this one', parse: wholeNumber },
        { flags: '--limit <number>', does: 'most entries, 1 to 100', parse: wholeNumber },
        { flags: '--operator', does: 'the trail of the server itself, of no tenant' },
        tenantOption,
      ],
    },
    async (session, _, { tenant, operator, ...page }) => {
      if (operator === true && tenant !== undefined) throw misused('say --tenant or --operator, not both');
      const base = operator === true ? '/admin/v1' : `/admin/v1/tenants/${(await session.tenant(tenant)).id}`;
      const path = withQuery(`${base}/audit`, page);
      const body = await session.call<{ entries: readonly EntryBody[]; next: number | null }>('GET', path);
      const text = table(
        body.entries,
        [
          ['number', ({ number }) => number],
          ['at', ({ at }) => at],
          ['actor', ({ actor }) => actor],
          ['action', ({ action }) => action],
          ['target', ({ target }) => target],
          ['after the change', ({ after }) => after],
        ],
        session.paint,
        'there is no entry here',
      );
      return { json: body, text: body.next === null ? text : `${text}\n\nThere are more: --after ${body.next}` };
    },
  ),
  command(
    {
      name: 'audit verify',
      does: 'Verifies that no entry of any trail was changed or left out; keep the heads it prints elsewhere.',
      example: 'countersign audit verify --json',
    },
    async ({ call, paint }) => {
      const body = await call<VerificationOfTrails>('GET', '/admin/v1/audit/verification');
      const text = table(
        body.trails,
        [
          ['tenant', ({ tenantId }) => tenantId],
          ['entries', ({ entries }) => entries],
          ['head', ({ head }) => `${head.number} ${head.hash}`],
          ['', ({ problem }) => (problem === null ? 'whole' : `entry ${problem.number}: ${problem.what}`)],
        ],
        paint,
        'there is no trail yet',
      );
      return { json: body, text, exit: body.ok ? exits.done : exits.found };
    },
  ),
];
