import type { Channel } from '../domain/channel.ts';
import type { FactorKind } from '../domain/factor.ts';
import type { Asked } from './asked.ts';
import type { CreateVerification } from './commands/create-verification.ts';
import { type Invalid, type NotServed, requestedVerification } from './create-request.ts';
import type { EngineOptions } from './engine.ts';
import { uuidv7 } from './random.ts';
import type { QueueFull } from './send-backlog.ts';
import { defaultService } from './tenancy.ts';

/** How a code is to be sent by a factor. */
export interface MessageWish {
  readonly channel?: Channel | undefined;
  readonly service?: string | undefined;
  readonly locale?: string | undefined;
  /** Canonical key of the end user's address, of which the limits count creates. */
  readonly address?: string | undefined;
}

export interface FactorMessage extends MessageWish {
  /** Those of the service when absent. */
  readonly ttlSeconds?: number | undefined;
  readonly maxAttempts?: number | undefined;
  readonly kind: Exclude<FactorKind, 'totp'>;
  /** As it was written, or canonical. */
  readonly recipient: string;
  /** Reads a national number. */
  readonly country?: string | undefined;
}

/** Works out the verification by which a factor sends a code: the same codes, limits and prices as of any other. */
export type WorkOut = (
  asked: Pick<Asked, 'tenantId' | 'face'>,
  message: FactorMessage,
) => Promise<CreateVerification | Invalid | NotServed | QueueFull>;

const remedies = { sms: 'must be a phone number', email: 'must be an e-mail address' } as const;

export function factorMessages(options: EngineOptions): WorkOut {
  const { store, directory, delivery, backlog, random } = options;

  return async ({ tenantId, face }, { kind, ...message }) => {
    if (message.recipient.includes('@') !== (kind === 'email')) {
      return { kind: 'invalid', field: 'recipient', remedy: remedies[kind] };
    }
    const full = backlog?.refusal(tenantId);
    if (full !== undefined) return full;
    const service = await directory.service(tenantId, message.service ?? defaultService);
    const { nowMs } = store.clock();
    const caller = { tenantId, face, seesAllFaces: false };
    const request = { ...message, channel: message.channel ?? kind };
    const id = uuidv7(nowMs, random);
    const made = requestedVerification({ caller, request, service, options, id, nowMs });
    if ('kind' in made) return made;
    const epoch = delivery.epochFor(tenantId);
    if (epoch === undefined) backlog?.added(tenantId);
    return { kind: 'create', tenantId, whilePending: 'separate', epoch, ...made };
  };
}
