import { codeFrom } from '../code-input.ts';
import { exits, misused } from '../exits.ts';
import { amount } from '../layout.ts';
import { command, given, type TenantOption, tenantOption } from '../spec.ts';

interface CheckOptions extends TenantOption {
  readonly id?: string;
  readonly service?: string;
  readonly reference?: string;
  readonly country?: string;
}

interface CheckedBody {
  readonly result: string;
  readonly attemptsLeft: number;
}

export const checkCommand = command<CheckOptions>(
  {
    name: 'check',
    takes: '[recipient] [code]',
    does: 'Checks a code, and ends with 0 only for the right one. Without a code it is asked for; - reads it from standard input.',
    example: 'countersign check +33612345678 -',
    options: [
      { flags: '--id <id>', does: 'the verification, in the place of the recipient' },
      { flags: '--service <service>', does: 'the service; default when left out' },
      { flags: '--reference <text>', does: 'the reference that it was made with' },
      { flags: '--country <code>', does: 'to read a number without its + and country' },
      tenantOption,
    ],
  },
  async ({ tenant: find, call, parts }, args, { tenant, id, ...more }) => {
    const { recipient, typed } = readArguments(args, id, more);
    const code = await codeFrom(parts.terminal, typed);
    const owner = await find(tenant);
    const path = id === undefined ? '/v1/checks' : `/v1/verifications/${encodeURIComponent(id)}/checks`;
    const body = await call<CheckedBody>('POST', path, given({ recipient, code, ...more }), owner.id);
    const left = body.result === 'wrong_code' ? `, ${amount(body.attemptsLeft, 'attempt')} left` : '';
    const exit = body.result === 'verified' ? exits.done : exits.refused;
    return { json: body, text: `${body.result}${left}`, exit };
  },
);

/** With --id the only argument is the code. */
function readArguments(args: readonly (string | undefined)[], id: string | undefined, more: object) {
  const [first, second] = args;
  if (id === undefined) {
    if (first === undefined) throw misused('say the recipient, or --id and the id of the verification');
    return { recipient: first, typed: second };
  }
  if (second !== undefined) throw misused('say the recipient or --id, not both');
  const [extra] = Object.keys(more);
  if (extra !== undefined) throw misused(`--${extra} goes with a recipient, not with --id`);
  return { recipient: undefined, typed: first };
}
