import type { Channel } from '../domain/channel.ts';
import type { Routes } from './provider.ts';
import type { Service } from './tenancy.ts';

/** How a message travels, and who may carry it. */
export interface Carrier {
  readonly channel: Channel;
  readonly providers: readonly string[];
  /** What a message costs that travels so, where that is another price than was agreed for the first one. */
  readonly priceMicros?: number | undefined;
}

/** The first message's carrier, and those of the second and later ones where the service names them. */
export interface Carriers extends Carrier {
  readonly retries?: readonly Carrier[] | undefined;
}

/**
 * What the service lists in `retryChannels`, without what it cannot use for such a recipient or what has no provider.
 * @param like - a channel that reaches the recipient
 * @returns undefined when nothing is left: then later messages travel as the first one
 */
export function retryCarriers(service: Service, like: Channel, routes: Routes): readonly Carrier[] | undefined {
  const carriers = (service.options?.retryChannels ?? [])
    .filter((channel) => (channel === 'email') === (like === 'email') && service.channels.includes(channel))
    .map((channel) => ({ channel, providers: routes[channel] ?? [] }))
    .filter(({ providers }) => providers.length > 0);
  return carriers.length === 0 ? undefined : carriers;
}

/** Who carries the message after `sendsUsed` of them; the last carrier listed repeats. */
export function carrierAfter(sendsUsed: number, carriers: Carriers): Carrier {
  const { retries } = carriers;
  return retries?.[Math.min(sendsUsed, retries.length) - 1] ?? carriers;
}
