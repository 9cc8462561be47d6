import { expect, test } from 'vitest';
import { aService, aTenant, keys, tenantId } from '../../testing/builders.ts';
import { openEngine } from '../../testing/engine.ts';
import { sealTestCode } from '../domain/test-number.ts';

const caller = { tenantId, face: 'native', seesAllFaces: true };
const [known, keyId] = ['424242', keys.data.activeId];

/** As a row that was written, or edited, in whatever way. */
function tenantWithTestNumber(recipient: string) {
  const place = { tenantId, service: 'default', recipient };
  const sealed = sealTestCode(known, place, keys.data.keys[keyId] ?? new Uint8Array(), new Uint8Array(12));
  return aTenant({ service: aService({ testNumbers: [{ recipient, keyId, sealed }] }) });
}

test.each([
  ['+33639981234', true],
  ['+33612345678', false],
])('%s as a test number: the known code counts is %s', async (recipient, counts) => {
  await using given = await openEngine({ tenants: [tenantWithTestNumber(recipient)] });
  const { outcome } = await given.engine.createVerification(caller, { recipient });
  const id = 'verification' in outcome ? outcome.verification.id : '';
  const check = await given.engine.checkVerification(caller, id, { code: known });
  expect(check.outcome.kind).toBe(counts ? 'verified' : 'wrong-code');
});
