import { announced } from './announced.ts';
import { audited } from './audited.ts';
import type { Decider } from './command.ts';
import { type DisableOwn, disableOwn } from './commands/disable-own.ts';
import { type EnableOwn, type EnrolOwnApp, enableOwn, enrolOwnApp } from './commands/enable-own.ts';
import { type ReadOwnCodes, type RenewOwnCodes, readOwnCodes, renewOwnCodes } from './commands/own-recovery-codes.ts';
import { type SendOwnCode, sendOwnCode } from './commands/send-own-code.ts';
import { type VerifyOwn, verifyOwn } from './commands/verify-own.ts';

/** What users ask to change of themselves. */
export type UsersOwnCommand =
  | SendOwnCode
  | EnrolOwnApp
  | EnableOwn
  | DisableOwn
  | VerifyOwn
  | ReadOwnCodes
  | RenewOwnCodes;

export const ownDeciders = {
  'send-own-code': announced(audited(sendOwnCode)),
  'enrol-own-app': announced(audited(enrolOwnApp)),
  'enable-own': announced(audited(enableOwn)),
  'disable-own': announced(audited(disableOwn)),
  'verify-own': announced(audited(verifyOwn)),
  'read-own-codes': announced(audited(readOwnCodes)),
  'renew-own-codes': announced(audited(renewOwnCodes)),
} satisfies {
  [Kind in UsersOwnCommand['kind']]: Decider<Extract<UsersOwnCommand, { kind: Kind }>, { readonly kind: string }>;
};
