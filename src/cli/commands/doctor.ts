import type { Check, CheckState } from '../doctor/check.ts';
import { diagnose, type ServerFacts } from '../doctor/diagnose.ts';
import { type Facts, fact } from '../doctor/facts.ts';
import type { TenantFacts } from '../doctor/tenants.ts';
import { exits } from '../exits.ts';
import { type Paint, printable } from '../paint.ts';
import type { Session, TenantBody } from '../session.ts';
import { command } from '../spec.ts';
import type { ApiKeyBody } from './api-key-view.ts';
import type { VerificationOfTrails } from './audit.ts';
import type { KeyBody } from './key.ts';
import type { StatusBody } from './server.ts';
import { type ServiceBody, servicesPath } from './service-view.ts';
import type { EndpointBody } from './webhook-view.ts';

export const doctorCommands = [
  command(
    {
      name: 'doctor',
      does: 'Looks for everything that would keep messages from going out, and says what to do about it.',
      example: 'countersign doctor',
    },
    async (session) => {
      const facts = await session.parts.gatherFacts(session.where);
      const why = whyNotAsked(facts);
      const server = await serverFacts(session, why);
      const checks = diagnose(facts, server);
      const good = checks.every(({ state }) => state !== 'bad');
      const json = { ok: good, checks };
      return { json, text: listed(checks, session.paint), exit: good ? exits.done : exits.found };
    },
  ),
];

/** A store that is damaged or of another version is not opened: that would change it, and it could not be read. */
function whyNotAsked({ running, store, settings }: Facts): string | undefined {
  if (running) return undefined;
  if (settings.kind === 'unknown' || settings.value.problems.length > 0) return 'the settings are not good';
  if (store.kind === 'unknown') return 'the store cannot be read';
  const { exists, integrity, schema, schemaKnown, markedBackup, locked } = store.value;
  if (!exists) return 'there is no store';
  if (integrity !== 'ok') return 'the store is damaged';
  if (schema !== schemaKnown) return `the store has schema ${schema}, and not ${schemaKnown}`;
  if (markedBackup) return 'the store is a backup';
  return locked ? 'another process owns the store' : undefined;
}

async function serverFacts(session: Session, why: string | undefined): Promise<ServerFacts> {
  const { call } = session;
  const ask = <T>(learn: () => Promise<T>) =>
    why === undefined ? fact(learn) : Promise.resolve({ kind: 'unknown', why } as const);
  // One after another: the first that cannot be answered says why for all.
  return {
    status: await ask(() => call<StatusBody>('GET', '/admin/v1/status')),
    keys: await ask(async () => (await call<{ keys: readonly KeyBody[] }>('GET', '/admin/v1/keys')).keys),
    tenants: await ask(() => tenantFacts(session)),
    operatorKeys: await ask(
      async () => (await call<{ apiKeys: readonly ApiKeyBody[] }>('GET', '/admin/v1/api-keys')).apiKeys,
    ),
    audit: await ask(() => call<VerificationOfTrails>('GET', '/admin/v1/audit/verification')),
  };
}

async function tenantFacts({ call }: Session): Promise<readonly TenantFacts[]> {
  const { tenants } = await call<{ tenants: readonly TenantBody[] }>('GET', '/admin/v1/tenants');
  const found: TenantFacts[] = [];
  for (const tenant of tenants) {
    const { services } = await call<{ services: readonly ServiceBody[] }>('GET', servicesPath(tenant.id));
    const path = `/admin/v1/tenants/${tenant.id}`;
    const { apiKeys } = await call<{ apiKeys: readonly ApiKeyBody[] }>('GET', `${path}/api-keys`);
    const { endpoints } = await call<{ endpoints: readonly EndpointBody[] }>('GET', `${path}/webhook-endpoints`);
    found.push({ tenant, services, apiKeys, endpoints });
  }
  return found;
}

const marks: Readonly<Record<CheckState, readonly [mark: string, style: Parameters<Paint>[0]]>> = {
  ok: ['ok', 'green'],
  warn: ['warn', 'yellow'],
  bad: ['bad', 'red'],
};

function listed(checks: readonly Check[], paint: Paint): string {
  const widest = Math.max(...checks.map(({ name }) => name.length));
  const lines = checks.map(({ name, state, finding, remedy }) => {
    const [mark, style] = marks[state];
    const first = `${paint(style, mark.padEnd(4))}  ${name.padEnd(widest)}  ${printable(finding)}`;
    return remedy === '' ? first : `${first}\n${' '.repeat(widest + 8)}${paint('dim', '->')} ${printable(remedy)}`;
  });
  const count = (state: CheckState) => checks.filter((check) => check.state === state).length;
  return `${lines.join('\n')}\n\n${count('ok')} good, ${count('warn')} to look at, ${count('bad')} to mend`;
}
