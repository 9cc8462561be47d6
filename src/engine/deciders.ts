import type { Decided, Decider } from './command.ts';
import { type CancelVerification, cancelVerification } from './commands/cancel-verification.ts';
import {
  type CheckRecipient,
  type CheckVerification,
  checkRecipient,
  checkVerification,
} from './commands/check-verification.ts';
import { type ClaimSend, claimSend } from './commands/claim-send.ts';
import { type CreateVerification, createVerification } from './commands/create-verification.ts';
import { type ProvisionTenant, provisionTenant } from './commands/provision-tenant.ts';
import { type ResendVerification, resendVerification } from './commands/resend-verification.ts';
import { type SettleSend, settleSend } from './commands/settle-send.ts';
import { idempotent } from './idempotent.ts';

/** Everything that can be asked of a store to change. */
export type Command =
  | CreateVerification
  | CheckVerification
  | CheckRecipient
  | ResendVerification
  | CancelVerification
  | ClaimSend
  | SettleSend
  | ProvisionTenant;

/** Every kind of command and the rule that decides it. */
export const deciders = {
  create: idempotent(createVerification),
  check: idempotent(checkVerification),
  'check-recipient': idempotent(checkRecipient),
  resend: idempotent(resendVerification),
  cancel: idempotent(cancelVerification),
  'claim-send': claimSend,
  'settle-send': settleSend,
  'provision-tenant': provisionTenant,
} satisfies { [Kind in Command['kind']]: Decider<Extract<Command, { kind: Kind }>, { readonly kind: string }> };

type DeciderOf<C extends Command> = (typeof deciders)[C['kind']];
/** What a command of this kind is answered with. */
export type OutcomeOf<C extends Command> =
  Exclude<ReturnType<DeciderOf<C>['decide']>, 'stale'> extends Decided<infer O> ? O : never;

/** The decider of a command, for a store that runs them all alike. */
export function deciderOf(command: Command): Decider<Command, { readonly kind: string }> {
  return deciders[command.kind] as unknown as Decider<Command, { readonly kind: string }>;
}
