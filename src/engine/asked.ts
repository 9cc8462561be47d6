import type { Administered } from './administration.ts';

/** Who asks for something about a user, and through which face: the messages that come of it are of that face. */
export interface Asked extends Administered {
  readonly face: string;
}
