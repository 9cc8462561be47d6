import type { FieldProblem } from './policy.ts';

const lengths = { least: 8, most: 256 };

/** One form for every way of typing the same letters. @see Unicode Standard Annex 15, form C */
export function canonicalPassword(typed: string): string {
  return typed.normalize('NFC');
}

/**
 * What is wrong with a password that somebody chooses; undefined when nothing is.
 * @param password - canonical  @param login - what it is used with
 */
export function passwordProblem(password: string, login: string): FieldProblem | undefined {
  const { length } = [...password];
  if (length < lengths.least || length > lengths.most) {
    return { field: 'password', remedy: `must have ${lengths.least} to ${lengths.most} characters` };
  }
  if (canonicalPassword(password.toLowerCase()) === login) {
    return { field: 'password', remedy: 'must not be the e-mail address that it is used with' };
  }
  return undefined;
}
