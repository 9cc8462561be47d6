import type { CreateVerification } from './commands/create-verification.ts';
import type { FaceWishes } from './face-wishes.ts';
import type { KeySource } from './key-source.ts';
import type { Routes } from './provider.ts';
import type { Random } from './random.ts';
import { retryCarriers } from './send-carrier.ts';
import type { Service } from './tenancy.ts';

interface Options {
  readonly keys: KeySource;
  readonly random: Random;
  readonly routes: Routes;
}

type Understood = Pick<CreateVerification, 'whilePending' | 'newCode' | 'retries' | 'recordsRefusals'>;

const usual: Understood = { whilePending: 'resume-or-replace' };

/** What the wishes of a face make of a create, together with what its service says to them. */
export function understood(
  wishes: FaceWishes | undefined,
  { requested }: Pick<CreateVerification, 'requested'>,
  service: Service | undefined,
  { keys, random, routes }: Options,
): Understood {
  if (wishes === undefined) return usual;
  const asked = wishes.whilePending ?? usual.whilePending;
  const whilePending = asked === 'resume' ? (service?.options?.whilePending ?? asked) : asked;
  const retries =
    whilePending === 'resume' && service !== undefined ? retryCarriers(service, requested.channel, routes) : undefined;
  return {
    whilePending,
    ...(wishes.newCode ? { newCode: { keyId: keys.current().pepper.activeId, salt: random.hex(16) } } : {}),
    ...(retries === undefined ? {} : { retries }),
    ...(wishes.recordsRefusals === true ? { recordsRefusals: true } : {}),
  };
}
