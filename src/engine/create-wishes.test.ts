import { expect, test } from 'vitest';
import { aCreate, aService, keys } from '../../testing/builders.ts';
import { understood } from './create-wishes.ts';
import { retryCarriers } from './send-carrier.ts';
import type { ServiceOptions } from './tenancy.ts';

const routes = { sms: ['one'], voice: ['two'], email: ['three'] };
const options = {
  keys: { current: () => keys, change: () => undefined } as never,
  random: { hex: (bytes: number) => 'ab'.repeat(bytes), fraction: () => 0 },
  routes,
};
const create = aCreate();
const withOptions = (given: ServiceOptions) => aService({ options: given });

test('a request without wishes is understood as it always was', () => {
  expect(understood(undefined, create, withOptions({ whilePending: 'separate' }), options)).toEqual({
    whilePending: 'resume-or-replace',
  });
});

test.each([
  ['resumes where the service says nothing', undefined, 'resume', 'resume'],
  ['makes another one where the service wants that', 'separate', 'resume', 'separate'],
  ['makes another one where the vendor always does', 'resume', 'separate', 'separate'],
] as const)('a face that resumes %s', (_, ofService, ofFace, expected) => {
  const service = withOptions({ whilePending: ofService });
  expect(understood({ whilePending: ofFace }, create, service, options)).toEqual({ whilePending: expected });
});

test('draws a new code, names the channels of later messages, and passes on that refusals are recorded', () => {
  const wishes = { whilePending: 'resume', newCode: true, recordsRefusals: true } as const;
  expect(understood(wishes, create, withOptions({ retryChannels: ['voice'] }), options)).toEqual({
    whilePending: 'resume',
    newCode: { keyId: 'p1', salt: 'ab'.repeat(16) },
    retries: [{ channel: 'voice', providers: ['two'] }],
    recordsRefusals: true,
  });
});

test('passes over listed channels that do not reach a number, that the service lacks, or that nobody carries', () => {
  const service = aService({ channels: ['sms', 'voice', 'email', 'whatsapp'], options: { retryChannels: ['email'] } });
  expect(retryCarriers(service, 'sms', routes)).toBeUndefined();
  const more = { ...service, options: { retryChannels: ['whatsapp', 'telegram', 'sms'] as const } };
  expect(retryCarriers(more, 'sms', routes)).toEqual([{ channel: 'sms', providers: ['one'] }]);
});
