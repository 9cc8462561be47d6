import { announced } from './announced.ts';
import { audited } from './audited.ts';
import type { Decided, Decider } from './command.ts';
import { type ActivateFactor, activateFactor } from './commands/activate-factor.ts';
import { type CancelVerification, cancelVerification } from './commands/cancel-verification.ts';
import {
  type ClaimDelivery,
  claimDelivery,
  type ReplayDelivery,
  replayDelivery,
  type SettleDelivery,
  settleDelivery,
} from './commands/carry-delivery.ts';
import {
  type ChangeApiKey,
  type CreateApiKey,
  changeApiKey,
  createApiKey,
  type NoteKeyUse,
  noteKeyUse,
  type RevokeApiKey,
  type RotateApiKey,
  revokeApiKey,
  rotateApiKey,
} from './commands/change-api-key.ts';
import { type ChangeBalance, changeBalance } from './commands/change-balance.ts';
import {
  type ChangeEndpoint,
  type CreateEndpoint,
  changeEndpoint,
  createEndpoint,
  type DeleteEndpoint,
  deleteEndpoint,
  type RotateEndpointSecret,
  rotateEndpointSecret,
} from './commands/change-endpoint.ts';
import { type RecordAudit, recordAudit, type SetSending, setSending } from './commands/change-server.ts';
import {
  type ChangeService,
  type CreateService,
  changeService,
  createService,
  type SetTestNumber,
  setTestNumber,
} from './commands/change-service.ts';
import { type ChangeTenant, type CreateTenant, changeTenant, createTenant } from './commands/change-tenant.ts';
import {
  type ChangeUser,
  type CreateUser,
  changeUser,
  createUser,
  type DeleteUser,
  deleteUser,
} from './commands/change-user.ts';
import { type CheckChallenge, checkChallenge } from './commands/check-challenge.ts';
import { type CheckCode, checkCode } from './commands/check-code.ts';
import {
  type CheckRecipient,
  type CheckVerification,
  checkRecipient,
  checkVerification,
} from './commands/check-verification.ts';
import { type ClaimSend, claimSend } from './commands/claim-send.ts';
import { type CreateChallenge, createChallenge } from './commands/create-challenge.ts';
import { type CreateVerification, createVerification } from './commands/create-verification.ts';
import { type NoteSessionUse, noteSessionUse, type RevokeSession, revokeSession } from './commands/end-session.ts';
import { type EnrolFactor, enrolFactor } from './commands/enrol-factor.ts';
import { type ExpireVerification, expireVerification } from './commands/expire-verification.ts';
import { type GenerateRecoveryCodes, generateRecoveryCodes } from './commands/generate-recovery-codes.ts';
import {
  type CreateUserToken,
  createUserToken,
  type OpenChallengeSession,
  type OpenSession,
  openChallengeSession,
  openSession,
} from './commands/open-session.ts';
import { type ProvisionTenant, provisionTenant } from './commands/provision-tenant.ts';
import { type ProvisionUser, provisionUser } from './commands/provision-user.ts';
import { type RecordFeedback, recordFeedback } from './commands/record-feedback.ts';
import { type RemoveFactor, removeFactor } from './commands/remove-factor.ts';
import { type ResendVerification, resendVerification } from './commands/resend-verification.ts';
import { type SendFactorCode, sendFactorCode } from './commands/send-factor-code.ts';
import { type SettleSend, settleSend } from './commands/settle-send.ts';
import { idempotent } from './idempotent.ts';
import { ownDeciders, type UsersOwnCommand } from './own-deciders.ts';

/** Everything that can be asked of a store to change. */
export type Command =
  | UsersOwnCommand
  | CreateVerification
  | CheckVerification
  | CheckRecipient
  | CheckCode
  | ResendVerification
  | CancelVerification
  | RecordFeedback
  | ClaimSend
  | SettleSend
  | ExpireVerification
  | ClaimDelivery
  | SettleDelivery
  | ReplayDelivery
  | ProvisionTenant
  | CreateTenant
  | ChangeTenant
  | ChangeBalance
  | CreateService
  | ChangeService
  | SetTestNumber
  | CreateApiKey
  | ChangeApiKey
  | RotateApiKey
  | RevokeApiKey
  | NoteKeyUse
  | CreateEndpoint
  | ChangeEndpoint
  | DeleteEndpoint
  | RotateEndpointSecret
  | SetSending
  | RecordAudit
  | CreateUser
  | ChangeUser
  | DeleteUser
  | ProvisionUser
  | OpenSession
  | OpenChallengeSession
  | CreateUserToken
  | RevokeSession
  | NoteSessionUse
  | EnrolFactor
  | SendFactorCode
  | ActivateFactor
  | RemoveFactor
  | GenerateRecoveryCodes
  | CreateChallenge
  | CheckChallenge;

/** Every kind of command and the rule that decides it. */
export const deciders = {
  ...ownDeciders,
  create: idempotent(announced(createVerification)),
  check: idempotent(announced(checkVerification)),
  'check-recipient': idempotent(announced(checkRecipient)),
  'check-code': announced(checkCode),
  resend: idempotent(announced(resendVerification)),
  cancel: idempotent(announced(cancelVerification)),
  'record-feedback': recordFeedback,
  'claim-send': announced(claimSend),
  'settle-send': announced(settleSend),
  expire: expireVerification,
  'claim-delivery': claimDelivery,
  'settle-delivery': settleDelivery,
  'replay-delivery': replayDelivery,
  'provision-tenant': provisionTenant,
  'create-tenant': audited(createTenant),
  'change-tenant': audited(changeTenant),
  'change-balance': idempotent(audited(changeBalance)),
  'create-service': idempotent(audited(createService)),
  'change-service': audited(changeService),
  'set-test-number': audited(setTestNumber),
  'create-api-key': idempotent(audited(createApiKey)),
  'change-api-key': audited(changeApiKey),
  'rotate-api-key': idempotent(audited(rotateApiKey)),
  'revoke-api-key': audited(revokeApiKey),
  'note-key-use': noteKeyUse,
  'create-endpoint': idempotent(audited(createEndpoint)),
  'change-endpoint': audited(changeEndpoint),
  'delete-endpoint': audited(deleteEndpoint),
  'rotate-endpoint-secret': idempotent(audited(rotateEndpointSecret)),
  'set-sending': audited(setSending),
  'record-audit': idempotent(audited(recordAudit)),
  'create-user': idempotent(audited(announced(createUser))),
  'change-user': audited(announced(changeUser)),
  'delete-user': audited(announced(deleteUser)),
  'provision-user': provisionUser,
  'open-session': announced(openSession),
  'open-challenge-session': idempotent(announced(openChallengeSession)),
  'create-user-token': idempotent(audited(announced(createUserToken))),
  'revoke-session': audited(announced(revokeSession)),
  'note-session-use': noteSessionUse,
  'enrol-factor': idempotent(announced(audited(enrolFactor))),
  'send-factor-code': idempotent(announced(sendFactorCode)),
  'activate-factor': idempotent(announced(audited(activateFactor))),
  'remove-factor': announced(audited(removeFactor)),
  'generate-recovery-codes': idempotent(announced(audited(generateRecoveryCodes))),
  'create-challenge': idempotent(announced(createChallenge)),
  'check-challenge': idempotent(announced(audited(checkChallenge))),
} satisfies { [Kind in Command['kind']]: Decider<Extract<Command, { kind: Kind }>, { readonly kind: string }> };

type DeciderOf<C extends Command> = (typeof deciders)[C['kind']];
/** What a command of this kind is answered with. */
export type OutcomeOf<C extends Command> =
  Exclude<ReturnType<DeciderOf<C>['decide']>, 'stale'> extends Decided<infer O> ? O : never;

/** The decider of a command, for a store that runs them all alike. */
export function deciderOf(command: Command): Decider<Command, { readonly kind: string }> {
  return deciders[command.kind] as unknown as Decider<Command, { readonly kind: string }>;
}
