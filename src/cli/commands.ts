import { apiKeyCommands } from './commands/api-key.ts';
import { auditCommands } from './commands/audit.ts';
import { completionCommands } from './commands/completion.ts';
import { configCommands } from './commands/config.ts';
import { doctorCommands } from './commands/doctor.ts';
import { factorCommands } from './commands/factor.ts';
import { keyCommands } from './commands/key.ts';
import { serverCommands } from './commands/server.ts';
import { serviceCommands } from './commands/service.ts';
import { storeCommands } from './commands/store.ts';
import { tenantCommands } from './commands/tenant.ts';
import { testNumberCommands } from './commands/test-number.ts';
import { userCommands } from './commands/user.ts';
import { verificationCommands } from './commands/verification.ts';
import { webhookCommands } from './commands/webhook.ts';
import type { CommandSpec } from './spec.ts';

/** What the commands are about whose names begin alike. */
export const commandGroups: Readonly<Record<string, string>> = {
  config: 'Shows and checks settings: example, check, list.',
  tenant: 'Manages tenants: list, show, create, change, balance.',
  service: 'Manages services of a tenant: list, show, create, change, test-number.',
  'service test-number': 'Manages recipients with a fixed code: set, remove.',
  'api-key': 'Manages API keys: list, create, change, rotate, revoke.',
  webhook: 'Manages webhook endpoints: list, create, change, delete, rotate, test, deliveries, replay.',
  user: 'Manages users of a tenant: list, show, create, change, password, delete, token.',
  'user token': 'Manages tokens that users have for good: list, create, revoke.',
  factor: 'Manages second factors of users: list, enrol, activate, send, remove.',
  'recovery-codes': 'Manages recovery codes of users: generate, count.',
  key: 'Manages key rings: usage, rotate, rewrap, retire.',
  verification: 'Looks at verifications: list, show, cancel.',
  audit: 'Reads and verifies audit trails: list, verify.',
};

/** Everything that can be typed, in the order of the help. */
export const commands: readonly CommandSpec[] = [
  ...serverCommands,
  ...doctorCommands,
  ...configCommands,
  ...tenantCommands,
  ...serviceCommands,
  ...testNumberCommands,
  ...apiKeyCommands,
  ...webhookCommands,
  ...userCommands,
  ...factorCommands,
  ...keyCommands,
  ...verificationCommands,
  ...auditCommands,
  ...storeCommands,
  ...completionCommands(() => ({ commands, groups: commandGroups })),
];
