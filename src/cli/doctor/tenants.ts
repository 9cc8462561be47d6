import type { ApiKeyBody } from '../commands/api-key-view.ts';
import type { ServiceBody } from '../commands/service-view.ts';
import type { EndpointBody } from '../commands/webhook-view.ts';
import { amount } from '../layout.ts';
import { printable } from '../paint.ts';
import type { TenantBody } from '../session.ts';
import { bad, type Check, orOk, warn } from './check.ts';

export interface TenantFacts {
  readonly tenant: TenantBody;
  readonly services: readonly ServiceBody[];
  readonly apiKeys: readonly ApiKeyBody[];
  readonly endpoints: readonly EndpointBody[];
}

const soonMs = 7 * 86_400_000;

export function tenantsChecks(tenants: readonly TenantFacts[], nowMs: number): readonly Check[] {
  if (tenants.length === 0) {
    return [warn('tenants', 'there is none', 'make one: countersign tenant create NAME --daily-sends-max 1000')];
  }
  return tenants.flatMap((facts) => tenantChecks(facts, nowMs));
}

function tenantChecks({ tenant, services, apiKeys, endpoints }: TenantFacts, nowMs: number): readonly Check[] {
  const named = printable(tenant.name);
  const name = `tenant ${named}`;
  const at = `--tenant ${tenant.id}`;
  const found: Check[] = [];
  if (tenant.dailySendsMax === 0) {
    const remedy = `run: countersign tenant change ${tenant.id} --daily-sends-max 1000`;
    found.push(bad(name, 'it has no ceiling, so that nothing is sent', remedy));
  } else if (tenant.sendsToday >= tenant.dailySendsMax) {
    const remedy = `raise it: countersign tenant change ${tenant.id} --daily-sends-max NUMBER`;
    found.push(bad(name, `the ceiling of today is used up: ${amount(tenant.dailySendsMax, 'message')}`, remedy));
  }
  return [
    ...found,
    ...services.flatMap((service) => serviceChecks(name, at, service, nowMs)),
    ...apiKeys.flatMap((key) => apiKeyChecks(name, at, key, nowMs)),
    ...endpoints.flatMap((endpoint) => endpointChecks(name, at, endpoint)),
  ].concat(
    found.length > 0
      ? []
      : orOk([], name, `${amount(services.length, 'service')}, ${amount(apiKeys.length, 'API key')}`),
  );
}

function serviceChecks(name: string, at: string, service: ServiceBody, nowMs: number): readonly Check[] {
  const change = `run: countersign service change ${service.name} ${at}`;
  const found: Check[] = [];
  if (service.channels.length === 0) {
    found.push(warn(name, `service ${service.name} has no channels`, `${change} --channels sms,email`));
  }
  const sendsToNumbers = service.channels.some((channel) => channel !== 'email');
  if (service.countries.length === 0 && sendsToNumbers) {
    found.push(warn(name, `service ${service.name} has no countries`, `${change} --countries FR,GB`));
  }
  for (const { recipient, validUntil } of service.testNumbers) {
    if (validUntil === null || Date.parse(validUntil) > nowMs) continue;
    const remedy = `set it again or run: countersign service test-number remove ${recipient} --service ${service.name} ${at}`;
    found.push(warn(name, `test number ${recipient} of service ${service.name} ran out on ${validUntil}`, remedy));
  }
  return found;
}

/** One that its owner turned off is as it is meant to be. */
function endpointChecks(
  name: string,
  at: string,
  { id, url, disabledReason, failingSince }: EndpointBody,
): readonly Check[] {
  const which = `webhook endpoint ${printable(url)} (${id})`;
  const look = `look at: countersign webhook deliveries ${id} ${at}`;
  if (disabledReason !== null && disabledReason !== 'paused') {
    const remedy = `mend the receiver, then run: countersign webhook change ${id} ${at} --enable`;
    return [warn(name, `${which} is told nothing any more: ${disabledReason}`, remedy)];
  }
  if (disabledReason !== null || failingSince === null) return [];
  return [warn(name, `${which} has failed since ${failingSince}`, look)];
}

/** Also for the keys of the server itself. */
export function apiKeyChecks(name: string, at: string, key: ApiKeyBody, nowMs: number): readonly Check[] {
  const { id, expiresAt, revokedAt } = key;
  if (expiresAt === null || revokedAt !== null) return [];
  const leftMs = Date.parse(expiresAt) - nowMs;
  const which = `API key ${printable(key.name)} (${id})`;
  if (leftMs <= 0) {
    return [warn(name, `${which} expired on ${expiresAt}`, `run: countersign api-key revoke ${id} ${at}`)];
  }
  if (leftMs > soonMs) return [];
  return [warn(name, `${which} expires on ${expiresAt}`, `run: countersign api-key rotate ${id} ${at}`)];
}
