/** Commands that can be pasted into a terminal, in the order of trying them. */
export interface QuickStart {
  /** The fictitious person that the commands are about. */
  readonly recipient: string;
  readonly steps: readonly QuickStartStep[];
}

export interface QuickStartStep {
  readonly title: string;
  /** May hold the word `CODE`, to be replaced by the code from the inbox. */
  readonly command: string;
}

export interface QuickStartOptions {
  /** Without a slash at its end. */
  readonly baseUrl: string;
  /** A key of the native API. */
  readonly apiKey: string;
  readonly recipient?: string;
  /** Whether the inbox asks for COUNTERSIGN_DEV_TOKEN. */
  readonly needsToken?: boolean;
}

/** Writes the three commands of a first verification: send, read, check. */
export function quickStart(options: QuickStartOptions): QuickStart {
  const { baseUrl, apiKey, recipient = '+33612345678', needsToken = false } = options;
  const post = (path: string, body: object) =>
    [
      `curl -X POST ${baseUrl}${path}`,
      `-H 'Authorization: Bearer ${apiKey}'`,
      `-H 'Content-Type: application/json'`,
      `-d '${JSON.stringify(body)}'`,
    ].join(' \\\n  ');
  const inbox = `${baseUrl}/dev/inbox/latest?to=${encodeURIComponent(recipient)}`;
  // Double quotes, so that the shell puts the token in and the command can be shown without it.
  const tokenHeader = needsToken ? ` \\\n  -H "Authorization: Bearer $COUNTERSIGN_DEV_TOKEN"` : '';
  return {
    recipient,
    steps: [
      { title: 'Send a code', command: post('/v1/verifications', { recipient }) },
      { title: 'Read it in the inbox', command: `curl '${inbox}'${tokenHeader}` },
      { title: 'Check the code', command: post('/v1/checks', { recipient, code: 'CODE' }) },
    ],
  };
}
