import { channels } from '../../domain/channel.ts';
import { command, type TenantOption, tenantOption } from '../spec.ts';

interface SendOptions extends TenantOption {
  readonly channel?: string;
  readonly service?: string;
  readonly reference?: string;
  readonly country?: string;
}

interface CreatedBody {
  readonly id: string;
  readonly sent: boolean;
  readonly nextSendAt: string | null;
}

export const sendCommand = command<SendOptions>(
  {
    name: 'send',
    takes: '<recipient>',
    does: 'Sends a code: makes a verification and prints its id.',
    example: 'countersign send +33612345678 --service default',
    options: [
      { flags: '--channel <channel>', does: `how it travels: ${channels.join(', ')}` },
      { flags: '--service <service>', does: 'the service; default when left out' },
      { flags: '--reference <text>', does: 'your own name for it' },
      { flags: '--country <code>', does: 'to read a number without its + and country' },
      tenantOption,
    ],
  },
  async ({ tenant: find, call, parts }, [recipient], { tenant, ...wanted }) => {
    const { id: owner } = await find(tenant);
    const body = await call<CreatedBody>('POST', '/v1/verifications', { recipient, ...wanted }, owner);
    if (!body.sent) {
      const when = body.nextSendAt === null ? '' : `, not before ${body.nextSendAt}`;
      parts.terminal.err(`countersign: one is pending already, and no other message goes out now${when}\n`);
    }
    return { json: body, text: body.id };
  },
);
