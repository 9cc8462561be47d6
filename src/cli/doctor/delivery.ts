import { type Channel, channels } from '../../domain/channel.ts';
import { bad, type Check, ok, orOk, warn } from './check.ts';
import type { DeliveryFacts } from './facts.ts';

/** @param used - channels of all services */
export function deliveryChecks({ providers, routes }: DeliveryFacts, used: ReadonlySet<string>): readonly Check[] {
  return [...providerChecks(providers), ...routeChecks({ providers, routes }, used)];
}

function providerChecks(providers: DeliveryFacts['providers']): readonly Check[] {
  if (providers.length === 0) {
    return [bad('providers', 'there is none: nothing can be sent', 'configure one under providers in the settings')];
  }
  return providers.flatMap(({ name, probe, warnings }) => {
    const check = `provider ${name}`;
    const warned = warnings.map((line) => warn(check, line, 'change the setting, unless it is meant'));
    if (probe.kind === 'problem') return [bad(check, probe.problem, probe.remedy), ...warned];
    const finding = probe.kind === 'ready' ? 'reached, and it accepts its credentials' : 'cannot be asked';
    return [ok(check, finding), ...warned];
  });
}

function routeChecks({ providers, routes }: DeliveryFacts, used: ReadonlySet<string>): readonly Check[] {
  const name = 'routes';
  const routed = (channel: Channel) => routes[channel] ?? [];
  const all = new Set(channels.flatMap(routed));
  const unrouted = channels.filter((channel) => used.has(channel) && routed(channel).length === 0);
  const idle = providers.filter((provider) => !all.has(provider.name));
  const found = [
    ...unrouted.map((channel) =>
      bad(
        name,
        `services use ${channel} and no provider carries it`,
        `name a provider under routes.${channel} in the settings, or take the channel from the services`,
      ),
    ),
    ...idle.map((provider) =>
      warn(name, `provider ${provider.name} is in no route`, 'name it under routes in the settings, or remove it'),
    ),
  ];
  return orOk(found, name, `${channels.filter((channel) => routed(channel).length > 0).join(', ') || 'none'}`);
}
