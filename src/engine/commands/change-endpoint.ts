import type { SealedSecret } from '../../domain/sealed-secret.ts';
import type { DisabledReason, WebhookEndpoint } from '../../domain/webhook.ts';
import type { Attributed, ChangeDecider } from '../audited.ts';
import { touched } from './change-tenant.ts';
import type { NotFound } from './check-verification.ts';

export interface CreateEndpoint extends Attributed {
  readonly kind: 'create-endpoint';
  readonly endpoint: Omit<WebhookEndpoint, 'createdAtMs' | 'previous' | 'disabled' | 'failingSinceMs'>;
}

export interface ChangeEndpoint extends Attributed {
  readonly kind: 'change-endpoint';
  readonly id: string;
  readonly changes: EndpointChanges;
}

export interface EndpointChanges
  extends Partial<Pick<WebhookEndpoint, 'url' | 'events' | 'description' | 'fullRecipient'>> {
  readonly enabled?: boolean;
}

/** Takes it away; what is on its way to it is dropped. */
export interface DeleteEndpoint extends Attributed {
  readonly kind: 'delete-endpoint';
  readonly id: string;
}

/** Gives it another secret. Events are signed with the old one as well for a while. */
export interface RotateEndpointSecret extends Attributed {
  readonly kind: 'rotate-endpoint-secret';
  readonly id: string;
  readonly secret: SealedSecret;
  readonly overlapMs: number;
}

/** What is shown of an endpoint: no secret. */
export interface ShownEndpoint extends Omit<WebhookEndpoint, 'secret' | 'previous'> {
  readonly previousUntilMs?: number | undefined;
}

export type EndpointOutcome = { readonly kind: 'endpoint'; readonly endpoint: ShownEndpoint };
export type TooManyEndpoints = { readonly kind: 'invalid'; readonly field: string; readonly remedy: string };

/** Each change of a verification looks at all of them. */
export const endpointsMax = 10;

export function shownEndpoint({ secret: _, previous, ...rest }: WebhookEndpoint): ShownEndpoint {
  return previous === undefined ? rest : { ...rest, previousUntilMs: previous.untilMs };
}

export const createEndpoint: ChangeDecider<CreateEndpoint, EndpointOutcome | NotFound | TooManyEndpoints> = {
  reads: () => ({ tenant: true }),
  decide({ endpoint: wanted }, loaded, { nowMs }) {
    if (loaded.tenant() === undefined) return { writes: {}, outcome: { kind: 'not-found' } };
    if (loaded.endpoints().length >= endpointsMax) {
      const remedy = `cannot be added: there are ${endpointsMax} endpoints; delete one first`;
      return { writes: {}, outcome: { kind: 'invalid', field: 'url', remedy } };
    }
    const endpoint: WebhookEndpoint = { ...wanted, createdAtMs: nowMs };
    const { url, events, description, fullRecipient } = endpoint;
    return {
      writes: { webhooks: { endpoints: [endpoint] } },
      outcome: { kind: 'endpoint', endpoint: shownEndpoint(endpoint) },
      change: {
        action: 'create-webhook-endpoint',
        target: targetOf(endpoint),
        after: { url, events, description, fullRecipient },
      },
    };
  },
};

export const changeEndpoint: ChangeDecider<ChangeEndpoint, EndpointOutcome | NotFound> = {
  reads: () => ({}),
  decide({ id, changes: { enabled, ...changes } }, loaded) {
    const current = loaded.endpoints().find((one) => one.id === id);
    if (current === undefined) return { writes: {}, outcome: { kind: 'not-found' } };
    const endpoint = { ...current, ...changes, ...(enabled === undefined ? {} : switched(current, enabled)) };
    const wasEnabled = enabled === undefined ? {} : { enabled: current.disabled === undefined };
    return {
      writes: { webhooks: { endpoints: [endpoint] } },
      outcome: { kind: 'endpoint', endpoint: shownEndpoint(endpoint) },
      change: {
        action: 'change-webhook-endpoint',
        target: targetOf(current),
        before: { ...touched<object>(current, changes), ...wasEnabled },
        after: { ...changes, ...(enabled === undefined ? {} : { enabled }) },
      },
    };
  },
};

/** One that is told again begins anew: what failed before does not count. */
function switched({ disabled, failingSinceMs }: WebhookEndpoint, enabled: boolean) {
  const reason: DisabledReason | undefined = enabled ? undefined : (disabled ?? 'paused');
  return { disabled: reason, failingSinceMs: enabled ? undefined : failingSinceMs };
}

export const deleteEndpoint: ChangeDecider<DeleteEndpoint, { readonly kind: 'deleted' } | NotFound> = {
  reads: () => ({}),
  decide({ id }, loaded) {
    const current = loaded.endpoints().find((one) => one.id === id);
    if (current === undefined) return { writes: {}, outcome: { kind: 'not-found' } };
    const { url, events, description, fullRecipient } = current;
    return {
      writes: { webhooks: { removedEndpoints: [id] } },
      outcome: { kind: 'deleted' },
      change: {
        action: 'delete-webhook-endpoint',
        target: targetOf(current),
        before: { url, events, description, fullRecipient },
      },
    };
  },
};

export const rotateEndpointSecret: ChangeDecider<RotateEndpointSecret, EndpointOutcome | NotFound> = {
  reads: () => ({}),
  decide({ id, secret, overlapMs }, loaded, { nowMs }) {
    const current = loaded.endpoints().find((one) => one.id === id);
    if (current === undefined) return { writes: {}, outcome: { kind: 'not-found' } };
    const endpoint = { ...current, secret, previous: { ...current.secret, untilMs: nowMs + overlapMs } };
    return {
      writes: { webhooks: { endpoints: [endpoint] } },
      outcome: { kind: 'endpoint', endpoint: shownEndpoint(endpoint) },
      change: { action: 'rotate-webhook-secret', target: targetOf(current) },
    };
  },
};

function targetOf({ id }: Pick<WebhookEndpoint, 'id'>): string {
  return `webhook-endpoint ${id}`;
}
