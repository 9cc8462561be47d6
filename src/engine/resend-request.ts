import type { Channel } from '../domain/channel.ts';
import type { Verification } from '../domain/verification.ts';
import { allowsCountry, type CountryNotAllowed, type Invalid } from './create-request.ts';
import type { Routes } from './provider.ts';
import type { Service } from './tenancy.ts';

/** The channel and providers of another message, or why the wish for a channel cannot be honoured. */
export function resendRoute(
  current: Verification,
  service: Service,
  wanted: Channel | undefined,
  routes: Routes,
): { readonly channel: Channel; readonly providers: readonly string[] } | Invalid | CountryNotAllowed {
  const channel = wanted ?? current.channel;
  const toEmail = current.channel === 'email';
  const allowed = service.channels.filter((name) => (name === 'email') === toEmail);
  const providers = routes[channel] ?? [];
  if (!allowed.includes(channel) || providers.length === 0) {
    return { kind: 'invalid', field: 'channel', remedy: `must be one of ${allowed.join(', ')}` };
  }
  if (current.test !== true && !allowsCountry(service, current)) return { kind: 'country-not-allowed' };
  return { channel, providers };
}
