import type { SMTPPoolOptions, SMTPPoolSentMessageInfo } from 'nodemailer';
import { createTransport, type NodemailerError, type PluginFunction, type SendMailOptions } from 'nodemailer';
import type { Message, Provider, ProviderOutcome } from '../../engine/provider.ts';
import { readCaFile } from '../ca-file.ts';
import { isLoopbackHost } from '../loopback.ts';
import type { ProviderType } from '../provider-type.ts';
import { mailOf } from './mail.ts';
import { failureOf } from './smtp-outcome.ts';
import { problemOf } from './smtp-probe.ts';
import { defaultPorts, plainAddress, type SmtpSettings, smtpProblems, smtpSettings } from './smtp-settings.ts';

export interface SmtpTiming {
  /** To connect, secure the connection and be greeted. */
  readonly connectMs: number;
  /** For each answer of the server. */
  readonly answerMs: number;
  /** For a mail altogether: a little less than the engine waits, so that what is known gets told. */
  readonly sendMs: number;
}

const timings: SmtpTiming = { connectMs: 5000, answerMs: 10_000, sendMs: 9000 };
/** Less than a silent connection may last: it says goodbye and is not cut. */
const idleShare = 0.8;

/** Mails through one SMTP server. Source: RFC 5321, RFC 3207 (STARTTLS), RFC 4954 (authentication). */
export const smtp: ProviderType<typeof smtpSettings> = {
  type: 'smtp',
  description: 'Sends e-mail through an SMTP server',
  settings: smtpSettings,
  channels: () => ['email'],
  problems: smtpProblems,
  create: (name, settings) => smtpProvider(name, settings),
};

/** A mail, and the streams that its bytes were read from: there are two when its first connection was stale. */
interface TrackedMail extends SendMailOptions {
  readonly bodies: BodyStream[];
}
type BodyStream = NodeJS.ReadableStream & { readonly readableDidRead?: boolean };

/** @throws what reading `caFile` throws */
export function smtpProvider(name: string, settings: SmtpSettings, timing: SmtpTiming = timings): Provider {
  const transport = createTransport({ pool: true, ...poolOf(settings, timing) });
  transport.use('stream', noteBodies);
  const { host, codeInSubject = false, verifyCertificate = true } = settings;
  const from = plainAddress(settings.from) ?? '';
  const replyTo = settings.replyTo === undefined ? undefined : plainAddress(settings.replyTo);

  return {
    name,
    channels: ['email'],
    deduplicates: false,
    ...(verifyCertificate
      ? {}
      : { warnings: [`the certificate of ${host} is not verified: anybody could answer for it`] }),
    async send(message, call) {
      if (!isForOneAddress(message)) return { kind: 'refused', reason: 'not-one-plain-address' };
      const signal = AbortSignal.any([call.signal, AbortSignal.timeout(timing.sendMs)]);
      const bodies: BodyStream[] = [];
      const mail: TrackedMail = { ...mailOf(message, { from, replyTo, codeInSubject }), signal, bodies };
      try {
        return accepted(await transport.sendMail(mail));
      } catch (error) {
        return failureOf(error as NodemailerError, bodies.some(wasRead));
      }
    },
    async probe({ signal }) {
      const given = new Promise<never>((_, reject) => {
        const onAbort = () => reject(Object.assign(new Error('given up'), { code: 'EABORT' }));
        if (signal.aborted) onAbort();
        signal.addEventListener('abort', onAbort, { once: true });
      });
      try {
        await Promise.race([transport.verify(), given]);
        return { kind: 'ready' };
      } catch (error) {
        return problemOf(error as NodemailerError, settings);
      }
    },
    async close() {
      transport.close();
    },
  };
}

function poolOf(settings: SmtpSettings, { connectMs, answerMs }: SmtpTiming): SMTPPoolOptions {
  const { host, tls = 'starttls', user, password, caFile, verifyCertificate = true } = settings;
  const { maxConnections = 5, maxMessages = 100 } = settings;
  return {
    host,
    port: settings.port ?? defaultPorts[tls],
    secure: tls === 'implicit',
    requireTLS: tls === 'starttls',
    ignoreTLS: tls === 'none',
    tls: {
      minVersion: 'TLSv1.2',
      rejectUnauthorized: verifyCertificate,
      ...(caFile === undefined ? {} : { ca: readCaFile(caFile) }),
    },
    // Without `forceAuth` a server that offers no authentication would get the mail from nobody in particular.
    ...(user === undefined ? {} : { auth: { user, pass: password ?? '' }, forceAuth: true }),
    allowInternalNetworkInterfaces: isLoopbackHost(host),
    maxConnections,
    maxMessages,
    // A connection that the server dropped while it was idle: nothing was sent, and another one may do.
    maxRequeues: 1,
    connectionTimeout: connectMs,
    greetingTimeout: connectMs,
    dnsTimeout: connectMs,
    socketTimeout: answerMs,
    idleTimeout: answerMs * idleShare,
    maxResponseSize: 65_536,
    disableFileAccess: true,
    disableUrlAccess: true,
    logger: false,
  };
}

const noteBodies: PluginFunction = (mail, done) => {
  const { bodies } = mail.data as TrackedMail;
  (mail.message || undefined)?.processFunc((body) => {
    bodies.push(body);
    return body;
  });
  done();
};

/** Whether the connection has read any of it, which it does only once the server has asked for the mail. */
function wasRead({ readableDidRead }: BodyStream): boolean {
  return readableDidRead !== false;
}

/** The engine hands over nothing else; a header or an envelope made of anything else would be somebody's attack. */
function isForOneAddress({ channel, recipient }: Message): boolean {
  return channel === 'email' && plainAddress(recipient) === recipient;
}

function accepted({ response, messageId, serverMessageId }: SMTPPoolSentMessageInfo): ProviderOutcome {
  const [, queued] = /\b(?:queued as|id=) ?([A-Za-z0-9._-]{4,100})/i.exec(response ?? '') ?? [];
  const id = serverMessageId ?? queued ?? messageId;
  return { kind: 'accepted', ...(/^[\x21-\x7e]{1,200}$/.test(id) ? { providerMessageId: id } : {}) };
}
