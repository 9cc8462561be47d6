import type { Static, TSchema } from 'typebox';
import type { Channel } from '../domain/channel.ts';
import type { FieldProblem } from '../domain/policy.ts';
import type { Provider } from '../engine/provider.ts';

/** A kind of provider that can be configured: what it asks for, and how one is made of that. */
export interface ProviderType<S extends TSchema = TSchema> {
  readonly type: string;
  readonly description: string;
  /** A closed object. `secret: true` marks what may also be given as the path of a file. */
  readonly settings: S;
  channels(settings: Static<S>): readonly Channel[];
  /** What a schema cannot say: settings that contradict each other, or are too careless outside development mode. */
  problems(settings: Static<S>, mode: { readonly development: boolean }): readonly FieldProblem[];
  create(name: string, settings: Static<S>): Provider;
}
