import { smtp } from './email/smtp.ts';
import { gateway } from './gateway/gateway.ts';
import type { ProviderType } from './provider-type.ts';

/** Every kind of provider that settings can name. */
export const providerTypes: readonly ProviderType[] = [smtp, gateway];
