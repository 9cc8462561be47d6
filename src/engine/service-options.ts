import type { Service, ServiceOptions } from './tenancy.ts';

/** Of the options of a service, those that change. null, or an empty list, takes one away. */
export type OptionChanges = { readonly [Name in keyof ServiceOptions]: ServiceOptions[Name] | null };

/** The options from now on; undefined when none is left. */
export function withOptions(current: ServiceOptions | undefined, changes: OptionChanges): ServiceOptions | undefined {
  const all = Object.entries({ ...current, ...changes });
  const left = all.filter(([, value]) => value !== null && value !== undefined && value.length > 0);
  return left.length === 0 ? undefined : (Object.fromEntries(left) as ServiceOptions);
}

/** Of what there was, the options that a change names; null for those that were not there. */
export function touchedOptions({ options = {} }: Service, changes: OptionChanges): Readonly<Record<string, unknown>> {
  const names = Object.keys(changes) as (keyof ServiceOptions)[];
  return Object.fromEntries(names.map((name) => [name, options[name] ?? null]));
}

/** Whether a request may name a sender: one of the list, where there is one, or the service's own. */
export function approvesSender({ sender: own, options }: Pick<Service, 'sender' | 'options'>, sender: string): boolean {
  const senders = options?.senders ?? [];
  const wanted = sender.toLowerCase();
  return senders.length === 0 || [own, ...senders].some((approved) => approved.toLowerCase() === wanted);
}
