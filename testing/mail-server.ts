import type { AddressInfo } from 'node:net';
import PostalMime, { type Email } from 'postal-mime';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import { until } from './until.ts';

export interface ReceivedMail {
  readonly sender: string;
  /** Of the envelope. */
  readonly recipients: readonly string[];
  readonly raw: string;
}

/** A real SMTP server on a free port of this machine that keeps the mails it takes. */
export interface MailServer extends AsyncDisposable {
  readonly port: number;
  readonly mails: readonly ReceivedMail[];
  /** Connections that were made to it, ended ones too. */
  readonly connections: number;
  /** Connections that stand. */
  readonly standing: number;
  /** MAIL commands that it was given. */
  readonly begun: number;
  /** A mail once it has come, read by a parser of another make. @param number - 1 for the first one */
  mail(number?: number): Promise<Email>;
}

/** Where it refuses, with which reply. */
export type Refusal = readonly [at: 'connect' | 'mail' | 'rcpt' | 'data', reply: number];

export interface MailServerOptions
  extends Pick<SMTPServerOptions, 'secure' | 'cert' | 'key' | 'minVersion' | 'maxVersion' | 'ciphers'> {
  /** Asked for when present, over TLS. */
  readonly login?: { readonly user: string; readonly password: string };
  readonly refuses?: Refusal;
  /** Waits for this after a mail's final dot. */
  readonly before?: () => Promise<void>;
}

export async function openMailServer(options: MailServerOptions = {}): Promise<MailServer> {
  const { login, refuses, before, ...tls } = options;
  const mails: ReceivedMail[] = [];
  let connections = 0;
  let begun = 0;
  const verdict = (at: Refusal[0]) => (refuses?.[0] === at ? refusal(refuses[1]) : null);
  const server = new SMTPServer({
    authOptional: login === undefined,
    disabledCommands: [...(tls.cert === undefined ? ['STARTTLS'] : []), ...(login === undefined ? ['AUTH'] : [])],
    closeTimeout: 100,
    ...tls,
    onConnect(_, done) {
      connections += 1;
      done(verdict('connect'));
    },
    onAuth({ username, password }, _, done) {
      if (username === login?.user && password === login?.password) done(null, { user: username });
      else done(refusal(535));
    },
    onMailFrom(_, __, done) {
      begun += 1;
      done(verdict('mail'));
    },
    onRcptTo(_, __, done) {
      done(verdict('rcpt'));
    },
    onData(stream, { envelope }, done) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', async () => {
        await before?.();
        const refused = verdict('data');
        if (refused !== null) return done(refused);
        const sender = envelope.mailFrom === false ? '' : envelope.mailFrom.address;
        const raw = Buffer.concat(chunks).toString('latin1');
        mails.push({ sender, recipients: envelope.rcptTo.map(({ address }) => address), raw });
        done(null, `queued as Q${mails.length}ABC`);
      });
    },
  });
  // A client that refuses the certificate ends the handshake: that is what some tests are about.
  server.on('error', () => undefined);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.server.address() as AddressInfo).port,
    mails,
    get connections() {
      return connections;
    },
    get standing() {
      return server.connections.size;
    },
    get begun() {
      return begun;
    },
    async mail(number = 1) {
      const { raw } = await until(`mail ${number}`, () => mails[number - 1]);
      return PostalMime.parse(Buffer.from(raw, 'latin1'));
    },
    [Symbol.asyncDispose]: () => new Promise<void>((resolve) => server.close(resolve)),
  };
}

/** Words that quote what they were given, as servers do. */
function refusal(reply: number): Error {
  return Object.assign(new Error('no, <ada@example.com> and 123456 are not wanted'), { responseCode: reply });
}
