import { expect, test } from 'vitest';
import { aSend, aVerification } from '../../testing/builders.ts';
import { startMs } from '../../testing/clock.ts';
import type { Send } from '../domain/send.ts';
import type { Verification } from '../domain/verification.ts';
import type { Loaded, SendKey } from './command.ts';
import { isUnsent, sendsOfFollowed } from './unsent.ts';

const followed = { terms: { followed: true, sendsMax: 4 } } as const;

/** Whether it is unsent with these sends, and the numbers of those that were looked at. */
function looked(given: Partial<Verification>, ...statuses: Send['status'][]) {
  const verification = aVerification({ ...given, sendsUsed: statuses.length });
  const looks: number[] = [];
  const loaded = {
    send({ verificationId, number }: SendKey) {
      looks.push(number);
      expect(sendsOfFollowed(verification)).toContainEqual({ verificationId, number });
      return aSend({ verificationId, number, status: statuses[number - 1] ?? 'queued' });
    },
  } as Partial<Loaded> as Loaded;
  return [isUnsent(verification, loaded, startMs), looks];
}

test('a followed verification is unsent when every message of it never left', () => {
  expect(looked(followed, 'failed')).toEqual([true, [1]]);
  expect(looked(followed, 'failed', 'dropped')).toEqual([true, [1, 2]]);
});

test('one message that went out, or may still, is enough, and those after it are not looked at', () => {
  expect(looked(followed, 'submitted', 'failed', 'failed')).toEqual([false, [1]]);
  expect(looked(followed, 'failed', 'queued', 'failed')).toEqual([false, [1, 2]]);
});

test('nothing is looked at where nobody follows it, or where it has ended', () => {
  expect(looked({}, 'failed')).toEqual([false, []]);
  expect(looked({ ...followed, status: 'cancelled' }, 'failed')).toEqual([false, []]);
});
