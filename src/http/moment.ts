import { EdgeRefusal } from './edge-error.ts';

const isoTime = /^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,3})?)?(Z|[+-][0-9]{2}:[0-9]{2})$/;

/** What a request says of a time, ISO 8601 with an offset. @throws EdgeRefusal when the text is no time */
export function momentMs(field: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const ms = isoTime.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isFinite(ms)) return ms;
  throw new EdgeRefusal({ kind: 'invalid', field, remedy: 'must be a time such as 2027-01-31T12:00:00Z' });
}
