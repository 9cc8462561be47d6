import { Type } from 'typebox';
import type { ProviderType } from '../src/channels/provider-type.ts';
import type { Provider } from '../src/engine/provider.ts';

/* Types of providers for tests of the settings: they carry nothing. */

const closed = { additionalProperties: false } as const;

function idle(name: string, channels: Provider['channels']): Provider {
  return { name, channels, deduplicates: false, send: async () => ({ kind: 'unavailable', reason: 'idle' }) };
}

const pigeonSettings = Type.Object(
  {
    host: Type.String({
      minLength: 1,
      maxLength: 255,
      examples: ['loft.example.net'],
      description: 'Where pigeons live',
    }),
    port: Type.Integer({ minimum: 1, maximum: 65_535, default: 25, description: 'The door of the loft' }),
    password: Type.String({ minLength: 12, secret: true, description: 'What the keeper asks for' }),
    security: Type.Unsafe<'ring' | 'none'>({
      type: 'string',
      enum: ['ring', 'none'],
      default: 'ring',
      description: 'How a pigeon is known',
    }),
    alsoVoice: Type.Boolean({ default: false, description: 'Whether they also coo' }),
    colours: Type.Optional(
      Type.Array(Type.String({ minLength: 1 }), { minItems: 1, examples: [['grey']], description: 'Only these' }),
    ),
    flight: Type.Object(
      { seconds: Type.Number({ minimum: 0.5, maximum: 60, default: 10, description: 'At most this long' }) },
      { ...closed, description: 'How they fly' },
    ),
  },
  closed,
);

export const pigeonType: ProviderType<typeof pigeonSettings> = {
  type: 'pigeon',
  description: 'Carries short messages by air',
  settings: pigeonSettings,
  channels: ({ alsoVoice }) => (alsoVoice ? ['sms', 'voice'] : ['sms']),
  problems: ({ security }, { development }) =>
    security === 'none' && !development ? [{ field: 'security', remedy: 'must be ring outside development mode' }] : [],
  create: (name, { host }) => idle(`${name}@${host}`, ['sms']),
};

const coachSettings = Type.Object(
  {
    voice: Type.Optional(Type.String({ minLength: 1, description: 'What its driver says' })),
    wheelType: Type.Optional(Type.String({ minLength: 1, description: 'What its wheels are of' })),
  },
  closed,
);

export const coachType: ProviderType<typeof coachSettings> = {
  type: 'coach',
  description: 'Carries letters by road',
  settings: coachSettings,
  channels: () => ['email'],
  problems: () => [],
  create: (name) => idle(name, ['email']),
};
