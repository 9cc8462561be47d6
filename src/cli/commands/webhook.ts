import { eventKinds } from '../../engine/events.ts';
import { misused } from '../exits.ts';
import { amount, table } from '../layout.ts';
import type { Session } from '../session.ts';
import {
  command,
  given,
  list,
  moment,
  type TenantOption,
  tenantOption,
  wholeNumber,
  withQuery,
  type YesOption,
  yesOption,
} from '../spec.ts';
import {
  type DeliveryBody,
  type EndpointBody,
  shownDeliveries,
  shownEndpoint,
  shownTest,
  type TestBody,
} from './webhook-view.ts';

interface EndpointOptions extends TenantOption {
  readonly url?: string;
  readonly events?: readonly string[];
  readonly description?: string;
  readonly fullRecipient?: boolean;
  readonly enable?: boolean;
  readonly disable?: boolean;
}

const endpointOptions = [
  { flags: '--events <list>', does: `what it is told, all when empty: ${eventKinds.join(',')}`, parse: list },
  { flags: '--description <text>', does: 'what you call it' },
  { flags: '--full-recipient', does: 'show it recipients in clear' },
  { flags: '--no-full-recipient', does: 'show it recipients masked' },
];

async function pathOf(session: Session, { tenant }: TenantOption, ...rest: readonly string[]): Promise<string> {
  const { id } = await session.tenant(tenant);
  return ['/admin/v1/tenants', id, 'webhook-endpoints', ...rest.map(encodeURIComponent)].join('/');
}

export const webhookCommands = [
  command<TenantOption>(
    {
      name: 'webhook list',
      does: 'Lists the webhook endpoints of a tenant.',
      example: 'countersign webhook list --tenant Acme',
      options: [tenantOption],
    },
    async (session, _, owner) => {
      const body = await session.call<{ endpoints: readonly EndpointBody[] }>('GET', await pathOf(session, owner));
      const text = table(
        body.endpoints,
        [
          ['id', ({ id }) => id],
          ['url', ({ url }) => url],
          ['events', ({ events }) => (events.length === 0 ? 'all' : events)],
          ['enabled', ({ enabled, disabledReason }) => (enabled ? 'yes' : `no: ${disabledReason}`)],
          ['failing since', ({ failingSince }) => failingSince],
        ],
        session.paint,
        'there is no webhook endpoint; make one with: countersign webhook create URL',
      );
      return { json: body, text };
    },
  ),
  command<EndpointOptions>(
    {
      name: 'webhook create',
      takes: '<url>',
      does: 'Makes a webhook endpoint and shows its secret, this once.',
      example: 'countersign webhook create https://example.com/events --events verification.verified',
      options: [...endpointOptions, tenantOption],
    },
    async (session, [url], { tenant, ...wanted }) => {
      const path = await pathOf(session, given({ tenant }));
      return shownEndpoint(session, await session.call<EndpointBody>('POST', path, { url, ...wanted }));
    },
  ),
  command<EndpointOptions>(
    {
      name: 'webhook change',
      takes: '<id>',
      does: 'Changes a webhook endpoint, or turns it off and on.',
      example: 'countersign webhook change 0192f000-0000-7000-8000-00000000000a --enable',
      options: [
        { flags: '--url <url>', does: 'where events are posted' },
        ...endpointOptions,
        { flags: '--enable', does: 'tell it again, as if nothing had failed' },
        { flags: '--disable', does: 'tell it nothing' },
        tenantOption,
      ],
    },
    async (session, [id = ''], { tenant, enable, disable, ...changes }) => {
      if (enable === true && disable === true) throw misused('say --enable or --disable, not both');
      const enabled = enable === true ? true : disable === true ? false : undefined;
      const body = given({ ...changes, enabled });
      if (Object.keys(body).length === 0) throw misused('say what to change; see webhook change --help');
      const path = await pathOf(session, given({ tenant }), id);
      return shownEndpoint(session, await session.call<EndpointBody>('PATCH', path, body));
    },
  ),
  command<TenantOption & YesOption>(
    {
      name: 'webhook delete',
      takes: '<id>',
      does: 'Deletes a webhook endpoint; what is on its way to it is dropped.',
      example: 'countersign webhook delete 0192f000-0000-7000-8000-00000000000a --yes',
      options: [tenantOption, yesOption],
    },
    async (session, [id = ''], { yes, ...owner }) => {
      await session.confirm('deletes the endpoint: it hears of nothing any more', yes);
      const body = await session.call<object>('DELETE', await pathOf(session, owner, id));
      return { json: body, text: 'deleted' };
    },
  ),
  command<TenantOption>(
    {
      name: 'webhook rotate',
      takes: '<id>',
      does: 'Gives a webhook endpoint another secret; the old one signs as well for a day.',
      example: 'countersign webhook rotate 0192f000-0000-7000-8000-00000000000a',
      options: [tenantOption],
    },
    async (session, [id = ''], owner) => {
      const path = await pathOf(session, owner, id, 'rotate-secret');
      return shownEndpoint(session, await session.call<EndpointBody>('POST', path, {}));
    },
  ),
  command<TenantOption>(
    {
      name: 'webhook test',
      takes: '<id>',
      does: 'Calls a webhook endpoint once, with an event that says nothing.',
      example: 'countersign webhook test 0192f000-0000-7000-8000-00000000000a',
      options: [tenantOption],
    },
    async (session, [id = ''], owner) =>
      shownTest(await session.call<TestBody>('POST', await pathOf(session, owner, id, 'test'), {})),
  ),
  command<TenantOption & { readonly limit?: number; readonly cursor?: string }>(
    {
      name: 'webhook deliveries',
      takes: '<id>',
      does: 'Lists what an endpoint was told, the newest first.',
      example: 'countersign webhook deliveries 0192f000-0000-7000-8000-00000000000a --limit 20',
      options: [
        { flags: '--limit <number>', does: 'how many, 1 to 100; 50 when left out', parse: wholeNumber },
        { flags: '--cursor <cursor>', does: 'where to go on, as the page before says' },
        tenantOption,
      ],
    },
    async (session, [id = ''], { tenant, ...query }) => {
      const path = withQuery(await pathOf(session, given({ tenant }), id, 'deliveries'), query);
      return shownDeliveries(
        session,
        await session.call<{ deliveries: readonly DeliveryBody[]; nextCursor: string | null }>('GET', path),
      );
    },
  ),
  command<TenantOption & { readonly event?: string; readonly since?: string }>(
    {
      name: 'webhook replay',
      takes: '<id>',
      does: 'Tells an endpoint one event once more, or all since a time.',
      example: 'countersign webhook replay 0192f000-0000-7000-8000-00000000000a --since 2027-01-31',
      options: [
        { flags: '--event <id>', does: 'one event' },
        { flags: '--since <date>', does: 'all from this time on', parse: moment },
        tenantOption,
      ],
    },
    async (session, [id = ''], { event, since, ...owner }) => {
      if ((event === undefined) === (since === undefined)) throw misused('say --event or --since');
      const path = await pathOf(session, owner, id, 'replay');
      const body = await session.call<{ events: number; next: string | null }>(
        'POST',
        path,
        given({ eventId: event, since }),
      );
      const more = body.next === null ? '' : `; there are more: go on with --since ${body.next}`;
      return { json: body, text: `${amount(body.events, 'event')} told once more${more}` };
    },
  ),
];
