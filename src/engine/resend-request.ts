import type { Channel } from '../domain/channel.ts';
import { lineOf, servesLine } from '../domain/line.ts';
import type { Verification } from '../domain/verification.ts';
import { allowsCountry, type Invalid, type NotServed } from './create-request.ts';
import type { Routes } from './provider.ts';
import { type Carriers, retryCarriers } from './send-carrier.ts';
import type { Service } from './tenancy.ts';

interface Wanted {
  readonly channel?: Channel | undefined;
  readonly asServiceLists?: true | undefined;
}

/** The channel and providers of another message, or why the wish for a channel cannot be honoured. */
export function resendRoute(
  current: Verification,
  service: Service,
  { channel: wanted, asServiceLists }: Wanted = {},
  routes: Routes,
): Carriers | Invalid | NotServed {
  const channel = wanted ?? current.channel;
  const toEmail = current.channel === 'email';
  const allowed = service.channels.filter((name) => (name === 'email') === toEmail);
  const providers = routes[channel] ?? [];
  if (!allowed.includes(channel) || providers.length === 0) {
    return { kind: 'invalid', field: 'channel', remedy: `must be one of ${allowed.join(', ')}` };
  }
  if (current.test !== true) {
    if (!allowsCountry(service, current)) return { kind: 'country-not-allowed' };
    if (!toEmail && !servesLine(lineOf(current.recipient))) return { kind: 'line-not-served' };
  }
  const retries = asServiceLists === true ? retryCarriers(service, channel, routes) : undefined;
  return retries === undefined ? { channel, providers } : { channel, providers, retries };
}
