import { channels } from '../domain/channel.ts';
import { defaultCodePolicy } from '../domain/policy.ts';
import { type OptionChanges, withOptions } from './service-options.ts';
import type { Service } from './tenancy.ts';

export type ServiceRequest = Partial<Omit<Service, 'tenantId' | 'testNumbers' | 'codePolicy' | 'options'>> & {
  readonly name: string;
  readonly codePolicy?: Partial<Service['codePolicy']> | undefined;
  readonly options?: OptionChanges | undefined;
};

/** A service as asked for, with what is usual for the rest. */
export function newService(tenantId: string, request: ServiceRequest & { readonly brand: string }): Service {
  const { name, brand, sender = senderOf(brand), countries = [], weakCodes = false } = request;
  const codePolicy = { ...defaultCodePolicy, ...request.codePolicy };
  const options = withOptions(undefined, request.options ?? {});
  const usual = {
    channels: request.channels ?? channels,
    testNumbers: [],
    ...(options === undefined ? {} : { options }),
  };
  return { tenantId, name, brand, sender, countries, codePolicy, weakCodes, ...usual };
}

/** The most of a tenant's name that a brand can be, without a part of a character at its end. */
export function brandOf(name: string): string {
  let brand = '';
  for (const character of name) {
    if (brand.length + character.length > brandLengthMax) break;
    brand += character;
  }
  return brand.trim();
}

const brandLengthMax = 50;

/** The most of a brand that can stand where a phone shows the sender. */
function senderOf(brand: string): string {
  return (
    brand
      .replace(/[^A-Za-z0-9 ]/g, '')
      .trim()
      .slice(0, 11)
      .trim() || 'Verify'
  );
}
