import { expect, test } from 'vitest';
import { channels } from '../domain/channel.ts';
import { providerTypes } from './catalog.ts';

test('every type has a name of its own, and says what it is', () => {
  const names = providerTypes.map(({ type }) => type);
  expect(names).toEqual(['smtp', 'gateway']);
  for (const { description } of providerTypes) expect(description).not.toBe('');
});

test.each(providerTypes.map((given) => [given.type, given] as const))(
  'the settings of %s are a closed object that leaves `type` to those who read it',
  (_, { settings }) => {
    expect(settings).toMatchObject({ type: 'object', additionalProperties: false });
    expect(settings).not.toHaveProperty('properties.type');
  },
);

test('e-mail goes by SMTP, and by default SMS goes through a gateway of your own', () => {
  const [smtp, gateway] = providerTypes;
  expect(smtp?.channels({})).toEqual(['email']);
  expect(gateway?.channels({})).toEqual(['sms']);
  expect(gateway?.channels({ channels })).toEqual(channels);
});
