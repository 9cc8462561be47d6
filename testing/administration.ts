import type { Scope } from '../src/domain/scope.ts';
import { type Client, createClient } from './client.ts';
import type { TestServer } from './server.ts';

export interface KeyFields {
  readonly id: string;
  readonly key: string;
  readonly expiresAt: string | null;
}

/** Asks on the local socket's side of a server, as an operator who works on the machine does. */
export async function locally<Body = Readonly<Record<string, unknown>>>(
  { parts }: Pick<TestServer, 'parts'>,
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
  url: string,
  payload?: object,
  headers: Readonly<Record<string, string>> = {},
): Promise<{ readonly status: number; readonly text: string; readonly body: Body }> {
  const reply = await parts.control.inject({ method, url, headers, ...(payload === undefined ? {} : { payload }) });
  const text = reply.body;
  const isOne = String(reply.headers['content-type']).includes('json') && !text.trimEnd().includes('\n');
  return { status: reply.statusCode, text, body: isOne ? JSON.parse(text) : undefined };
}

/** Makes a key for a tenant. @throws Error when it is refused */
export async function aKey(server: TestServer, owner: Client, fields: object = {}): Promise<KeyFields> {
  const path = `/admin/v1/tenants/${owner.tenantId}/api-keys`;
  const { status, body, text } = await locally<KeyFields>(server, 'POST', path, { name: 'made for a test', ...fields });
  if (status !== 201) throw new Error(`no key was made: ${text}`);
  return body;
}

/** A client with another key of the same tenant. */
export function clientWith({ url, document }: TestServer, { tenantId }: Client, apiKey: string): Client {
  return createClient({ url, tenantId, apiKey, document, transcript: [] });
}

/** A client whose key holds these scopes and no other. */
export async function scoped(server: TestServer, owner: Client, ...scopes: Scope[]): Promise<Client> {
  return clientWith(server, owner, (await aKey(server, owner, { scopes })).key);
}

/** A client with a key of the server. */
export async function anOperator(server: TestServer): Promise<Client> {
  const { body } = await locally<KeyFields>(server, 'POST', '/admin/v1/api-keys', { name: 'operator' });
  return clientWith(server, server.alice, body.key);
}
