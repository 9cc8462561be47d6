import type { SendMailOptions } from 'nodemailer';
import type { Message } from '../../engine/provider.ts';

export interface MailOptions {
  /** One plain address. */
  readonly from: string;
  readonly replyTo: string | undefined;
  /** The subject shows up on locked screens: the code stands there only where that is wanted. */
  readonly codeInSubject: boolean;
}

/**
 * The mail that carries a message: text and HTML, for one recipient, whose address is taken as it is and parsed nowhere.
 * @see RFC 3834 §5 for Auto-Submitted; X-Auto-Response-Suppress is Microsoft's word for the same wish
 */
export function mailOf(message: Message, { from, replyTo, codeInSubject }: MailOptions): SendMailOptions {
  const brand = oneLine(message.brand);
  const subject = subjectOf(brand, codeInSubject ? message.code : undefined);
  const to = { name: '', address: message.recipient };
  return {
    from: { name: oneLine(message.sender) || brand, address: from },
    to,
    ...(replyTo === undefined ? {} : { replyTo: { name: '', address: replyTo } }),
    envelope: { from: { name: '', address: from }, to: [to] },
    subject,
    text: message.text,
    html: htmlOf(message, subject, brand),
    messageId: messageIdOf(message, from),
    headers: { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All' },
    xMailer: false,
  };
}

/** The same for every try of one send, so that a mailbox can tell a repetition. */
function messageIdOf({ reference }: Message, from: string): string {
  return `<${reference.replace(/[^A-Za-z0-9.-]/g, '')}@${from.slice(from.lastIndexOf('@') + 1)}>`;
}

function subjectOf(brand: string, code: string | undefined): string {
  const named = brand === '' ? 'verification code' : `${brand} verification code`;
  return code === undefined ? `Your ${named}` : `${code} is your ${named}`;
}

/** Control characters, line ends of every script, and what turns the direction of writing around. */
const unprintable = /[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]+/gu;

/** Text for a header: it never makes a second one, nor another address. */
function oneLine(text: string): string {
  return text.replace(unprintable, ' ').trim();
}

/** Needs no image, link or anything from elsewhere. The code stands alone in its element, so that it can be copied whole. */
function htmlOf({ text, code }: Message, subject: string, brand: string): string {
  const named = brand === '' ? 'Your verification code' : `Your ${escaped(brand)} verification code`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${escaped(subject)}</title>
</head>
<body style="margin:0;padding:24px;background:#ffffff;color:#1a1a1a;font:16px/1.5 system-ui,sans-serif">
<p style="margin:0">${named}</p>
<p style="margin:8px 0 16px;font:bold 32px/1.25 ui-monospace,monospace">${escaped(code)}</p>
<p style="margin:0">${escaped(text).replace(/\r?\n/g, '<br>\n')}</p>
</body>
</html>
`;
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? '');
}
