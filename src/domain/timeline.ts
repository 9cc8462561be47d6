/** What happened to a verification, in the order it happened. Sends have rows of their own. */
export const moments = {
  created: 'c',
  'send-requested': 's',
  'new-code': 'n',
  'wrong-code': 'w',
  verified: 'v',
  failed: 'f',
  cancelled: 'x',
  replaced: 'p',
  'carried-over': 'o',
  /** Written when somebody notices, with the time it ran out. */
  expired: 'e',
} as const;
export type Moment = keyof typeof moments;

export interface TimelineEntry {
  readonly moment: Moment;
  readonly atMs: number;
  /** How many characters were typed, where that was noted. */
  readonly typedLength?: number | undefined;
}

/**
 * The packed form: one letter and the time in base 36, entry after entry, so that an entry is added without reading
 * those before it. Letters and digits of base 36 are told apart by case: times are upper case. A length follows after a
 * point.
 */
export function withMoment(packed: string, moment: Moment, atMs: number, typedLength?: number): string {
  const entry = `${packed}${moments[moment]}${atMs.toString(36).toUpperCase()}`;
  return typedLength === undefined ? entry : `${entry}.${typedLength}`;
}

export function hasMoment(packed: string, moment: Moment): boolean {
  return packed.includes(moments[moment]);
}

const byLetter = new Map(Object.entries(moments).map(([moment, letter]) => [letter as string, moment as Moment]));

/** Reads the packed form. @throws Error on an entry that this version does not know */
export function unpackTimeline(packed: string): TimelineEntry[] {
  return [...packed.matchAll(/([a-z])([0-9A-Z]+)(?:\.([0-9]+))?/g)].map(([, letter = '', time = '', length]) => {
    const moment = byLetter.get(letter);
    if (moment === undefined) throw new Error(`unknown timeline entry ${letter}`);
    const entry = { moment, atMs: Number.parseInt(time, 36) };
    return length === undefined ? entry : { ...entry, typedLength: Number(length) };
  });
}
