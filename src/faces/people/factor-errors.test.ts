import { expect, test } from 'vitest';
import { textOf } from '../../../testing/syntax.ts';
import { nativeProblems } from '../native/problem-kinds.ts';
import { factorProblems } from './factor-errors.ts';
import { peopleProblems } from './problem-kinds.ts';

test('names every problem that a refusal is worded as, but for those that other routes have too', () => {
  const [worded = ''] = textOf('src/faces/people/factor-errors.ts').split('export const factorProblems');
  const codes = [...worded.matchAll(/code: '(\w+)'/g)].map(([, code]) => code);
  const others = [...nativeProblems, ...peopleProblems].map(({ code }) => code);
  expect(factorProblems.map(({ code }) => code)).toEqual(codes.filter((code = '') => !others.includes(code)));
  for (const { title } of factorProblems) expect(worded).toContain(`'${title}'`);
});
