/** What addresses may be called. */
export interface CallbackUrlRules {
  /** Development mode: http, any port, and addresses in place of names. */
  readonly anywhere: boolean;
  /** Ports beside 443. */
  readonly ports: readonly number[];
}

export const strictCallbackUrls: CallbackUrlRules = { anywhere: false, ports: [] };

const lengthMax = 2048;
const ipv4 = /^[0-9.]+$/;

/**
 * Whether the server may be told to call an address, as far as its text says. Where its name leads to is looked at
 * before each call.
 * @returns words that go on after the name of the field, or undefined when nothing is wrong
 */
export function callbackUrlProblem(text: string, rules: CallbackUrlRules): string | undefined {
  if (text.length > lengthMax) return `must have at most ${lengthMax} characters`;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || url.hostname === '') return 'must be an address such as https://example.com/events';
  if (url.protocol !== 'https:' && !(rules.anywhere && url.protocol === 'http:')) return 'must begin with https://';
  if (url.username !== '' || url.password !== '') return 'must not hold a user name or a password';
  if (text.includes('#')) return 'must not have a fragment';
  if (rules.anywhere) return undefined;
  if (url.hostname.startsWith('[') || ipv4.test(url.hostname)) return 'must name a host, not an IP address';
  const port = portOf(url);
  return port === 443 || rules.ports.includes(port) ? undefined : portRemedy(rules);
}

/**
 * Whether it is an address of the web at all, without a user name: for vendors who say no more of one that cannot be
 * called. It is looked at again before each call.
 */
export function isWebUrl(text: string): boolean {
  if (text.length > lengthMax || !URL.canParse(text)) return false;
  const { protocol, username, password } = new URL(text);
  return (protocol === 'http:' || protocol === 'https:') && username === '' && password === '';
}

function portRemedy({ ports }: CallbackUrlRules): string {
  const allowed = ports.length === 0 ? '443' : `443 or one of ${ports.join(', ')}`;
  return `must be on port ${allowed}; an operator can allow others`;
}

/** The port that an address is on, whether or not it is written. */
export function portOf({ port, protocol }: Pick<URL, 'port' | 'protocol'>): number {
  if (port !== '') return Number(port);
  return protocol === 'http:' ? 80 : 443;
}

/** What calls to the same receiver have in common: host and port. @returns undefined where there is no host */
export function hostOf(text: string): string | undefined {
  return URL.canParse(text) ? new URL(text).host : undefined;
}
