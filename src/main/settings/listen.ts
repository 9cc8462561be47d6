import { isIP } from 'node:net';

export interface Listen {
  readonly host: string;
  /** 0 lets the system choose. */
  readonly port: number;
}

/** Reads `127.0.0.1:8080`, `localhost:8080` or `[::1]:8080`; undefined for anything else. */
export function readListen(text: string): Listen | undefined {
  const [, host = '', port = ''] = /^(.+):([0-9]{1,5})$/.exec(text) ?? [];
  const bare = host.replace(/^\[(.*)\]$/, '$1');
  if ((isIP(bare) === 0 && bare !== 'localhost') || Number(port) > 65_535 || port === '') return undefined;
  return { host: bare, port: Number(port) };
}

export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}
