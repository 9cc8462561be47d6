import type { Static, TSchema } from 'typebox';
import type { Channel } from '../domain/channel.ts';
import type { FieldProblem } from '../domain/policy.ts';
import type { Provider } from '../engine/provider.ts';

/** A kind of provider that can be set up by name in the settings. */
export interface ProviderType<S extends TSchema = TSchema> {
  /** What the settings call it. */
  readonly type: string;
  readonly description: string;
  /** A closed object, without `type`. `secret: true` marks what may also be given as the path of a file. */
  readonly settings: S;
  /** The channels that it carries with these settings. */
  channels(settings: Static<S>): readonly Channel[];
  /** What the schema cannot say is wrong. `field` is the key below the provider; no remedy quotes a secret. */
  problems(settings: Static<S>, mode: { readonly development: boolean }): readonly FieldProblem[];
  /** @param settings - without problems */
  create(name: string, settings: Static<S>): Provider;
}
