import { expect, test } from 'vitest';
import { textOf } from '../../../testing/syntax.ts';
import { nativeProblems } from './problem-kinds.ts';

test('names every problem that a refusal is worded as, and no other', () => {
  const worded = textOf('src/faces/native/errors.ts');
  const codes = [...worded.matchAll(/(?:code: |conflict\(|[?:] \[)'(\w+)'/g)].map(([, code]) => code);
  expect(nativeProblems.map(({ code }) => code).sort()).toEqual(codes.sort());
  for (const { title } of nativeProblems) expect(worded).toContain(`'${title}'`);
});
