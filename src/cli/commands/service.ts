import { channels } from '../../domain/channel.ts';
import { alphabets } from '../../domain/code.ts';
import { misused } from '../exits.ts';
import { table } from '../layout.ts';
import { command, given, list, type TenantOption, tenantOption, wholeNumber } from '../spec.ts';
import { type ServiceBody, servicesPath, shownService } from './service-view.ts';

interface ServiceOptions extends TenantOption {
  readonly brand?: string;
  readonly sender?: string;
  readonly channels?: readonly string[];
  readonly countries?: readonly string[];
  readonly codeLength?: number;
  readonly codeAlphabet?: string;
  readonly ttlSeconds?: number;
  readonly maxAttempts?: number;
  readonly weakCodes?: boolean;
  readonly senders?: readonly string[];
  readonly whilePending?: string;
  readonly retryChannels?: readonly string[];
  readonly callbackUrl?: string;
}

const options = [
  { flags: '--brand <name>', does: 'what messages call your product' },
  { flags: '--sender <name|number>', does: 'who messages come from' },
  { flags: '--channels <list>', does: `how messages may travel: ${channels.join(',')}`, parse: list },
  { flags: '--countries <list>', does: 'where numbers may be from: FR,GB, or * for everywhere', parse: list },
  { flags: '--code-length <number>', does: 'characters of a code', parse: wholeNumber },
  { flags: '--code-alphabet <name>', does: `what codes are made of: ${Object.keys(alphabets).join(', ')}` },
  { flags: '--ttl-seconds <number>', does: 'life of a code', parse: wholeNumber },
  { flags: '--max-attempts <number>', does: 'wrong codes before a verification fails', parse: wholeNumber },
  { flags: '--weak-codes', does: 'allow short codes and long lives' },
  { flags: '--no-weak-codes', does: 'allow neither' },
  { flags: '--senders <list>', does: 'senders that requests may name; empty for any', parse: list },
  { flags: '--while-pending <resume|separate>', does: 'what another create means, for faces that leave it open' },
  { flags: '--retry-channels <list>', does: 'channels of the second message and of those after it', parse: list },
  { flags: '--callback-url <url>', does: 'where faces tell of changes; empty for nowhere' },
  tenantOption,
];

export const serviceCommands = [
  command<TenantOption>(
    {
      name: 'service list',
      does: 'Lists the services of a tenant.',
      example: 'countersign service list --tenant Acme',
      options: [tenantOption],
    },
    async (session, _, { tenant }) => {
      const { id } = await session.tenant(tenant);
      const body = await session.call<{ services: readonly ServiceBody[] }>('GET', servicesPath(id));
      const text = table(
        body.services,
        [
          ['name', ({ name }) => name],
          ['brand', ({ brand }) => brand],
          ['sender', ({ sender }) => sender],
          ['channels', (service) => service.channels],
          ['countries', ({ countries }) => countries],
          ['test numbers', ({ testNumbers }) => testNumbers.length],
        ],
        session.paint,
        'there is no service',
      );
      return { json: body, text };
    },
  ),
  command<TenantOption>(
    {
      name: 'service show',
      takes: '<service>',
      does: 'Shows one service, with its test numbers.',
      example: 'countersign service show default',
      options: [tenantOption],
    },
    async (session, [name], { tenant }) => {
      const { id } = await session.tenant(tenant);
      return shownService(session, await session.call<ServiceBody>('GET', servicesPath(id, name)));
    },
  ),
  command<ServiceOptions>(
    {
      name: 'service create',
      takes: '<service>',
      does: 'Makes a service. It sends nothing until it has countries and channels.',
      example: 'countersign service create login --brand Acme --channels sms,email --countries FR,GB',
      options,
    },
    async (session, [name], { tenant, ...settings }) => {
      const { id } = await session.tenant(tenant);
      const body = { name, ...bodyOf(settings) };
      return shownService(session, await session.call<ServiceBody>('POST', servicesPath(id), body));
    },
  ),
  command<ServiceOptions>(
    {
      name: 'service change',
      takes: '<service>',
      does: 'Changes a service; what is not named stays as it is.',
      example: 'countersign service change default --countries FR --channels sms --ttl-seconds 300',
      options,
    },
    async (session, [name], { tenant, ...settings }) => {
      if (Object.keys(settings).length === 0) throw misused('say what to change; see service change --help');
      const { id } = await session.tenant(tenant);
      return shownService(session, await session.call<ServiceBody>('PATCH', servicesPath(id, name), bodyOf(settings)));
    },
  ),
];

function bodyOf(settings: ServiceOptions): Record<string, unknown> {
  const {
    codeLength: length,
    codeAlphabet: alphabet,
    ttlSeconds,
    maxAttempts,
    tenant: _,
    callbackUrl,
    ...rest
  } = settings;
  const codePolicy = given({ length, alphabet, ttlSeconds, maxAttempts });
  const callback = callbackUrl === undefined ? {} : { callbackUrl: callbackUrl === '' ? null : callbackUrl };
  return { ...rest, ...callback, ...(Object.keys(codePolicy).length === 0 ? {} : { codePolicy }) };
}
