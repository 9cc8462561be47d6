import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

/** What crash-server.ts is told. */
export interface CrashServerOptions {
  readonly dataDir: string;
  /** File that the providers append to. */
  readonly providerLog: string;
  /** Longest wait before a message is accepted, and again before the provider says so. */
  readonly delayMs: number;
}

export type ProviderLine =
  | { readonly kind: 'submitted'; readonly provider: string; readonly reference: string }
  | { readonly kind: 'accepted'; readonly provider: string; readonly reference: string; readonly text: string };

/** What the providers of a crash server have seen, read anew whenever it is asked for. */
export interface ProviderLog {
  /** The code of a verification's first message, once that was accepted. */
  code(verificationId: string): string | undefined;
  submissions(reference: string): number;
  acceptances(reference: string): number;
  /** Every reference that was accepted more than once, and where. */
  acceptedTwice(): readonly { readonly reference: string; readonly provider: string; readonly extra: number }[];
}

interface Seen {
  provider: string;
  submissions: number;
  acceptances: number;
  text: string;
}

export function openProviderLog(file: string): ProviderLog {
  const seen = new Map<string, Seen>();
  let read = 0;

  function catchUp(): ReadonlyMap<string, Seen> {
    const bytes = readFrom(file, read);
    // What follows the last line end is still being written.
    const end = bytes.lastIndexOf('\n') + 1;
    read += end;
    const lines = bytes.toString('utf8', 0, end).split('\n').filter(Boolean);
    for (const line of lines) note(JSON.parse(line) as ProviderLine);
    return seen;
  }

  function note(line: ProviderLine): void {
    const { reference, provider } = line;
    const call = seen.get(reference) ?? { provider, submissions: 0, acceptances: 0, text: '' };
    if (line.kind === 'submitted') call.submissions += 1;
    else {
      call.acceptances += 1;
      call.text = line.text;
    }
    seen.set(reference, call);
  }

  return {
    code: (id) => /\b\d{6}\b/.exec(catchUp().get(`${id}-1`)?.text ?? '')?.[0],
    submissions: (reference) => catchUp().get(reference)?.submissions ?? 0,
    acceptances: (reference) => catchUp().get(reference)?.acceptances ?? 0,
    acceptedTwice: () =>
      [...catchUp()]
        .filter(([, { acceptances }]) => acceptances > 1)
        .map(([reference, { provider, acceptances }]) => ({ reference, provider, extra: acceptances - 1 })),
  };
}

function readFrom(file: string, start: number): Buffer {
  const fd = openSync(file, 'a+');
  try {
    const bytes = Buffer.alloc(Math.max(0, fstatSync(fd).size - start));
    return bytes.subarray(0, readSync(fd, bytes, 0, bytes.length, start));
  } finally {
    closeSync(fd);
  }
}
