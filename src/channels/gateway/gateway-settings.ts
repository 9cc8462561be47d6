import { type Static, Type } from 'typebox';
import { type Channel, channels } from '../../domain/channel.ts';
import type { FieldProblem } from '../../domain/policy.ts';
import { caFileProblems } from '../ca-file.ts';
import { isLoopbackHost } from '../loopback.ts';

export const gatewaySettings = Type.Object(
  {
    url: Type.String({ minLength: 1, maxLength: 2048, description: 'Where messages are posted to; https' }),
    secret: Type.String({
      minLength: 32,
      maxLength: 512,
      secret: true,
      description: 'Signs requests: 32 bytes or more, as text or as whsec_ and base64',
    }),
    channels: Type.Optional(
      Type.Array(Type.Unsafe<Channel>(Type.Enum([...channels])), {
        minItems: 1,
        maxItems: channels.length,
        uniqueItems: true,
        description: 'What it carries; sms when absent',
      }),
    ),
    deduplicates: Type.Optional(
      Type.Boolean({ description: 'The gateway sends one message per webhook-id; false when absent' }),
    ),
    timeoutSeconds: Type.Optional(Type.Integer({ minimum: 1, maximum: 10, description: '8 when absent' })),
    caFile: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 4096,
        description: 'PEM file of the authorities to trust in place of the public ones',
      }),
    ),
  },
  { additionalProperties: false },
);

export type GatewaySettings = Static<typeof gatewaySettings>;

/** What the schema cannot say is wrong. */
export function gatewayProblems(settings: GatewaySettings): readonly FieldProblem[] {
  const url = urlProblem(settings.url);
  const short = secretBytes(settings.secret).length < secretBytesMin;
  return [
    ...(url === undefined ? [] : [{ field: 'url', remedy: url }]),
    ...(short ? [{ field: 'secret', remedy: secretRemedy }] : []),
    ...caFileProblems(settings),
  ];
}

const secretBytesMin = 32;
const secretRemedy = `must hold at least ${secretBytesMin} bytes, as text or as whsec_ and base64; make one with: openssl rand -base64 32`;

function urlProblem(text: string): string | undefined {
  // A URL parser drops these without a word.
  if (!/^[\x21-\x7e]+$/.test(text) || !URL.canParse(text)) return 'must be a URL such as https://sms.example.com/send';
  const { protocol, hostname, username, password, href } = new URL(text);
  const local = protocol === 'http:' && isLoopbackHost(hostname);
  if (protocol !== 'https:' && !local) return 'must begin with https:, or with http: for this machine (localhost)';
  if (username !== '' || password !== '') return 'must not hold credentials; requests are signed with secret';
  return href.includes('#') ? 'must not have a fragment' : undefined;
}

const prefix = 'whsec_';

/** The bytes that requests are signed with: those of the text, or what stands in base64 behind `whsec_`. */
export function secretBytes(text: string): Buffer {
  if (!text.startsWith(prefix)) return Buffer.from(text, 'utf8');
  const encoded = text.slice(prefix.length);
  return /^[A-Za-z0-9+/]+={0,2}$/.test(encoded) ? Buffer.from(encoded, 'base64') : Buffer.alloc(0);
}
