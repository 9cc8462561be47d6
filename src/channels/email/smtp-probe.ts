import type { NodemailerError } from 'nodemailer';
import type { ProbeResult } from '../../engine/provider.ts';
import { reasonOf } from './smtp-outcome.ts';
import { defaultPorts, type SmtpSettings } from './smtp-settings.ts';

/** Why a server cannot be used, and what to look at; in our words, not in its own. */
export function problemOf(error: NodemailerError, settings: SmtpSettings): ProbeResult {
  const { host, tls = 'starttls', port = defaultPorts[tls] } = settings;
  const where = `${host}, port ${port}`;
  const reason = reasonOf(error);
  switch (reason) {
    case 'cannot-connect':
      return problem(`${where} cannot be reached`, 'check host and port, and that a firewall lets the connection out');
    case 'tls-failed':
      return problem(`no verified TLS connection with ${where}`, tlsRemedy);
    case 'authentication-failed':
      return problem(`${where} refuses the credentials`, 'check user and password');
    case 'timed-out':
      return problem(
        `${where} does not answer in time`,
        'check that port and tls go together: 465 implicit, 587 starttls',
      );
    case 'connection-lost':
      return problem(
        `${where} ends the connection`,
        'check that port and tls go together, and that it takes mail from here',
      );
    default:
      return problem(`${where} answers ${reason.slice('smtp-'.length)}`, 'ask whoever runs it what that means');
  }
}

const tlsRemedy =
  'check that tls fits the port (465 implicit, 587 starttls), that host is the name in its certificate, and caFile';

function problem(text: string, remedy: string): ProbeResult {
  return { kind: 'problem', problem: text, remedy };
}
