import { expect, test } from 'vitest';
import { textOf } from '../../testing/syntax.ts';
import { notSentProblems } from './not-sent.ts';

test('names every problem that a message which does not go out is worded as, and no other', () => {
  const [worded = ''] = textOf('src/http/not-sent.ts').split('export const notSentProblems');
  const codes = [...worded.matchAll(/(?:code: |[?:] \[)'(\w+)'/g)].map(([, code]) => code);
  expect(notSentProblems.map(({ code }) => code).sort()).toEqual(codes.sort());
  for (const { title } of notSentProblems) expect(worded).toContain(`'${title}'`);
});
