import { connect as tcpConnect } from 'node:net';
import { type SecureContextOptions, connect as tlsConnect } from 'node:tls';
import type { ProbeResult } from '../../engine/provider.ts';
import { isTlsCode } from '../connect-error.ts';

const connectMs = 5000;

/** Connects to the host of a URL, with TLS where it says so, and says nothing. */
export function probe(url: URL, tls: SecureContextOptions, signal: AbortSignal): Promise<ProbeResult> {
  const secure = url.protocol === 'https:';
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  const port = Number(url.port) || (secure ? 443 : 80);
  const where = `${host}, port ${port}`;
  const socket = secure
    ? tlsConnect({ ...tls, host, port, servername: isName(host) ? host : '', timeout: connectMs })
    : tcpConnect({ host, port, timeout: connectMs });

  return new Promise((resolve) => {
    const end = (result: ProbeResult) => {
      signal.removeEventListener('abort', late);
      socket.destroy();
      resolve(result);
    };
    const late = () =>
      end(problem(`${where} does not answer in time`, 'check url, and that a firewall lets the connection out'));
    signal.addEventListener('abort', late, { once: true });
    if (signal.aborted) late();
    socket.once(secure ? 'secureConnect' : 'connect', () => end({ kind: 'ready' }));
    socket.once('timeout', late);
    socket.once('error', ({ code = '' }: NodeJS.ErrnoException) =>
      end(
        isTlsCode(code)
          ? problem(
              `no verified TLS connection with ${where}`,
              'check that url names what its certificate does, and caFile',
            )
          : problem(`${where} cannot be reached`, 'check url, and that a firewall lets the connection out'),
      ),
    );
  });
}

/** TLS names servers by name only, never by address. */
function isName(host: string): boolean {
  return /[a-z]/i.test(host) && !host.includes(':');
}

function problem(text: string, remedy: string): ProbeResult {
  return { kind: 'problem', problem: text, remedy };
}
