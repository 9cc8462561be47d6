import type { Fact } from './facts.ts';

export type CheckState = 'ok' | 'warn' | 'bad';

export interface Check {
  readonly name: string;
  readonly state: CheckState;
  readonly finding: string;
  /** What to do; empty when there is nothing to do. */
  readonly remedy: string;
}

export const ok = (name: string, finding: string): Check => ({ name, state: 'ok', finding, remedy: '' });
export const warn = (name: string, finding: string, remedy: string): Check => ({
  name,
  state: 'warn',
  finding,
  remedy,
});
export const bad = (name: string, finding: string, remedy: string): Check => ({ name, state: 'bad', finding, remedy });

/** The checks of something that is known; one that says so when it is not. */
export function checked<T>(name: string, fact: Fact<T>, look: (value: T) => readonly Check[]): readonly Check[] {
  if (fact.kind === 'known') return look(fact.value);
  return [warn(name, `could not be looked at: ${fact.why}`, 'mend what is said above, then run doctor again')];
}

/** What was found wrong, or that nothing was. */
export function orOk(found: readonly Check[], name: string, finding: string): readonly Check[] {
  return found.length > 0 ? found : [ok(name, finding)];
}
