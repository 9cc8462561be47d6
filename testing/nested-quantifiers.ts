/** Most times that a group holding a repetition may itself be repeated. */
const repetitionsMax = 10;

/**
 * Whether a regular expression repeats a group that repeats something itself, as in `(a+)+`: the shape whose matching
 * can take time beyond all measure. One pass over the text, so that the check is no such thing itself.
 * @param source - without its slashes
 */
export function hasNestedQuantifier(source: string): boolean {
  /** For each group that is open, outermost first, whether it holds a repetition. */
  const repeats = [false];
  for (let at = 0; at < source.length; at++) {
    const letter = source[at];
    if (letter === '\\') at++;
    else if (letter === '[') at = endOfClass(source, at);
    else if (letter === '(') repeats.push(false);
    const inside = letter === ')' ? (repeats.pop() ?? false) : false;

    const most = repetitions(source, at + 1);
    if (inside && most > repetitionsMax) return true;
    if (inside || most > 1) repeats[repeats.length - 1] = true;
  }
  return false;
}

function endOfClass(source: string, start: number): number {
  for (let at = start + 1; at < source.length; at++) {
    if (source[at] === '\\') at++;
    else if (source[at] === ']') return at;
  }
  return source.length;
}

/** How often what stands before `at` may be repeated; 1 where the number is fixed, for then there is nothing to try. */
function repetitions(source: string, at: number): number {
  if (source[at] === '*' || source[at] === '+') return Number.POSITIVE_INFINITY;
  const [, least, comma, most] = /^\{(\d+)(,?)(\d*)\}/.exec(source.slice(at, at + 16)) ?? [];
  if (least === undefined || comma === '' || least === most) return 1;
  return most === '' ? Number.POSITIVE_INFINITY : Number(most);
}
