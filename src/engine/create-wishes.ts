import { noPrices, type PriceTable } from '../domain/price.ts';
import type { CreateVerification } from './commands/create-verification.ts';
import type { FaceWishes } from './face-wishes.ts';
import type { KeySource } from './key-source.ts';
import { priceBy } from './priced.ts';
import type { Routes } from './provider.ts';
import type { Random } from './random.ts';
import { retryCarriers } from './send-carrier.ts';
import type { Service } from './tenancy.ts';

interface Options {
  readonly keys: KeySource;
  readonly random: Random;
  readonly routes: Routes;
  readonly prices?: PriceTable | undefined;
}

type Understood = Pick<CreateVerification, 'whilePending' | 'newCode' | 'retries' | 'recordsRefusals'>;

type Made = Pick<CreateVerification, 'requested' | 'providers' | 'address' | 'lookup'>;

/** All of a create. One literal: an object put together from pieces is dear to make, and dearer to copy to the store. */
export function createCommand(
  { requested, providers, address, lookup }: Made,
  { whilePending, newCode, retries, recordsRefusals }: Understood,
  { idempotency, epoch }: Pick<CreateVerification, 'idempotency' | 'epoch'>,
): CreateVerification {
  return {
    kind: 'create',
    tenantId: requested.tenantId,
    idempotency,
    whilePending,
    newCode,
    retries,
    recordsRefusals,
    epoch,
    requested,
    providers,
    address,
    lookup,
  };
}

const usual: Understood = { whilePending: 'resume-or-replace' };

/** What the wishes of a face make of a create, together with what its service says to them. */
export function understood(
  wishes: FaceWishes | undefined,
  { requested }: Pick<CreateVerification, 'requested'>,
  service: Service | undefined,
  { keys, random, routes, prices = noPrices }: Options,
): Understood {
  if (wishes === undefined) return usual;
  const asked = wishes.whilePending ?? usual.whilePending;
  const whilePending = asked === 'resume' ? (service?.options?.whilePending ?? asked) : asked;
  const listed =
    whilePending === 'resume' && service !== undefined ? retryCarriers(service, requested.channel, routes) : undefined;
  const cost = { prices, lifeMs: requested.ttlSeconds * 1000 };
  const retries =
    service && listed?.map((one) => ({ ...one, priceMicros: priceBy(one.channel, requested, service, cost) }));
  const newCode = wishes.newCode ? { keyId: keys.current().pepper.activeId, salt: random.hex(16) } : undefined;
  return { whilePending, newCode, retries, recordsRefusals: wishes.recordsRefusals };
}
