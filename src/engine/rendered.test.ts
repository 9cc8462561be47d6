import { expect, test } from 'vitest';
import { aSend, aService, aVerification, keys } from '../../testing/builders.ts';
import { startMs } from '../../testing/clock.ts';
import { rendered, shownMessage } from './rendered.ts';
import { jobOf } from './send-job.ts';

const hash = 'FA+9qCX9VSu';
const verification = aVerification({ terms: { lastLine: hash } });
const service = aService();
const message = (given = verification, of = service) => rendered(jobOf(given, aSend()), of, keys, startMs);

test("an app's hash stands alone on the last line, below the text", () => {
  const { text, code } = message();
  const lines = text.split('\n');
  expect(lines).toHaveLength(2);
  expect(lines[0]).toMatch(new RegExp(`^${code} is your Acme verification code\\. It expires in 5 minutes\\.`));
  expect(lines[1]).toBe(hash);
});

test('a message that an app is to read has at most 140 bytes, whatever the brand', () => {
  const { text } = message(verification, aService({ brand: 'B'.repeat(50) }));
  expect(Buffer.byteLength(text)).toBeLessThanOrEqual(140);
  expect(text.endsWith(`verification code.\n${hash}`)).toBe(true);
});

test('what others may see of a message is the message with bullets for its code', () => {
  const { text, code, sender } = message();
  expect(shownMessage(verification, aSend(), service)).toEqual({ sender, text: text.replace(code, '••••••') });
});

test('a message without an app is as it was', () => {
  const { text } = message(aVerification());
  expect(text).not.toContain('\n');
  const own = aVerification({ template: 'Code {{pin}} of {{code}}', terms: { placeholder: 'pin' } });
  expect(shownMessage(own, aSend(), service).text).toBe('Code •••••• of {{code}}');
});
