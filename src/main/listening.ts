import { connect } from 'node:net';

/** Whether a server listens on a socket. A file that a killed one left behind is none. */
export function isListening(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ path, timeout: connectMs });
    const end = (listens: boolean) => {
      socket.destroy();
      resolve(listens);
    };
    socket.once('connect', () => end(true));
    // One that does not answer in time is there all the same: what is asked next says what is wrong with it.
    socket.once('timeout', () => end(true));
    socket.once('error', (error: NodeJS.ErrnoException) => end(!nobody.has(error.code ?? '')));
  });
}

const connectMs = 5000;
const nobody: ReadonlySet<string> = new Set(['ENOENT', 'ECONNREFUSED', 'ENOTDIR']);
