import { defaultService } from '../../engine/tenancy.ts';
import { codeFrom } from '../code-input.ts';
import { command, given, moment, type TenantOption, tenantOption } from '../spec.ts';
import { type ServiceBody, servicesPath, shownService } from './service-view.ts';

interface TestNumberOptions extends TenantOption {
  readonly service?: string;
  readonly validUntil?: string;
}

const serviceOption = { flags: '--service <service>', does: `the service; ${defaultService} when left out` };

const pathOf = (tenantId: string, service: string | undefined, recipient: string | undefined) =>
  `${servicesPath(tenantId, service ?? defaultService)}/test-numbers/${encodeURIComponent(recipient ?? '')}`;

export const testNumberCommands = [
  command<TestNumberOptions>(
    {
      name: 'service test-number set',
      takes: '<recipient> [code]',
      does: 'Gives a recipient that nobody owns a code that is always the same. Nothing is ever sent to it.',
      example: 'countersign service test-number set +14155550123 - --valid-until 2027-01-31',
      options: [
        serviceOption,
        {
          flags: '--valid-until <date>',
          does: 'when it stops, as 2027-01-31; needed outside development mode',
          parse: moment,
        },
        tenantOption,
      ],
    },
    async (session, [recipient, typed], { tenant, service, validUntil }) => {
      const code = await codeFrom(session.parts.terminal, typed);
      const { id } = await session.tenant(tenant);
      const body = given({ code, validUntil });
      return shownService(session, await session.call<ServiceBody>('PUT', pathOf(id, service, recipient), body));
    },
  ),
  command<TestNumberOptions>(
    {
      name: 'service test-number remove',
      takes: '<recipient>',
      does: 'Makes a test number a recipient like any other.',
      example: 'countersign service test-number remove +14155550123',
      options: [serviceOption, tenantOption],
    },
    async (session, [recipient], { tenant, service }) => {
      const { id } = await session.tenant(tenant);
      return shownService(session, await session.call<ServiceBody>('DELETE', pathOf(id, service, recipient)));
    },
  ),
];
