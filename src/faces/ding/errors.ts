import type { FastifyReply } from 'fastify';
import type { EdgeError, EdgeFace } from '../../http/edge-error.ts';
import type { HttpServer } from '../../http/server.ts';

export const prefix = '/ding/v1';

/** Every `code` that the clients know: their enumeration is closed. Source: Ding API reference, "Error codes". */
export const codes = {
  account_invalid: 'The customer UUID is not that of the API key.',
  bad_request: 'The request does not have the documented form.',
  invalid_phone_number: 'The phone number is not a possible number in E.164 form, such as +33612345678.',
  invalid_line: 'The phone number is of a kind that takes no messages.',
  unsupported_region: 'The country of the phone number is not served.',
  blocked_number: 'The phone number is blocked.',
  negative_balance: 'The balance does not cover a message.',
  suspended_account: 'The customer may not send at present.',
  invalid_auth_uuid: 'There is no authentication of this customer with this UUID.',
  invalid_app_realm: 'The app realm is not an Android hash of 11 characters.',
  app_realm_require_device_type: 'An app realm needs the device type ANDROID.',
  unsupported_app_realm_device_type: 'An app realm is possible with the device type ANDROID alone.',
  invalid_app_version: 'The app version is longer than 128 characters or has control characters.',
  invalid_os_version: 'The OS version is longer than 128 characters or has control characters.',
  invalid_device_model: 'The device model is longer than 128 characters or has control characters.',
  invalid_device_id: 'The device id is longer than 128 characters or has control characters.',
  invalid_template_id: 'The customer has no template with this id.',
  invalid_sender_id: 'The sender id is neither 3 to 11 letters and digits nor a number.',
  unauthorized_sender_id: 'The sender id is not registered for the customer.',
  no_associated_auth_found: 'The phone number has had no authentication.',
  duplicated_feedback_status: 'The same feedback was given for the phone number before.',
  invalid_feedback_status: 'The feedback status is neither onboarded nor not_onboarded.',
  internal_server_error: 'Something failed on our side.',
} as const;
export type Code = keyof typeof codes;

/** What is wrong with a request. */
export interface Fault {
  readonly code: Code;
  /** 400 when absent. */
  readonly status?: number;
  readonly message?: string;
  readonly retryAfterSeconds?: number;
}

/** How everything that is not a success is answered. */
export interface Answers {
  refuse(reply: FastifyReply, fault: Fault): FastifyReply;
  readonly face: EdgeFace;
}

/** @param publicUrl - where the world reaches the server: errors link to a page below it */
export function createAnswers(publicUrl = ''): Answers {
  const bodyOf = ({ code, message = codes[code] }: Fault) => ({
    code,
    message,
    doc_url: `${publicUrl}${prefix}/errors#${code}`,
  });
  return {
    refuse(reply, fault) {
      const { status = 400, retryAfterSeconds } = fault;
      if (retryAfterSeconds !== undefined) reply.header('retry-after', String(retryAfterSeconds));
      return reply.code(status).send(bodyOf(fault));
    },
    face: {
      prefix,
      name: 'ding',
      reply(error) {
        const fault = edgeFault(error);
        const body = fault === 'forbidden' ? { message: 'Forbidden' } : bodyOf(fault);
        const status = fault === 'forbidden' ? 403 : (fault.status ?? 400);
        return { status, contentType: 'application/json', body: JSON.stringify(body) };
      },
    },
  };
}

function edgeFault(error: EdgeError): Fault | 'forbidden' {
  switch (error.kind) {
    case 'unauthorized':
    case 'forbidden':
      return 'forbidden';
    case 'invalid':
      return bad(400, `${error.field ?? 'The body'} ${error.remedy}.`);
    case 'bad-json':
      return bad(400, 'The body is not one JSON object that gives each key once.');
    case 'malformed':
      return bad(400, 'The request does not follow HTTP.');
    case 'timeout':
      return bad(408, 'The request did not arrive in time.');
    case 'not-found':
      return bad(404, 'There is nothing at this address.');
    case 'method-not-allowed':
      return bad(405, `Use ${error.allow.join(', ')} here.`);
    case 'too-large':
      return bad(413, 'The body is too large.');
    case 'uri-too-long':
      return bad(414, 'The URL is too long.');
    case 'unsupported-media-type':
      return bad(415, 'Send the body as application/json in UTF-8, not compressed.');
    case 'headers-too-large':
      return bad(431, 'The header fields are too large.');
    case 'rate-limited':
      return bad(429, `Wait ${error.retryAfterSeconds} s before the next request.`);
    case 'unavailable':
      return { code: 'internal_server_error', status: 503, message: 'Try again after the stated time.' };
    case 'internal':
      return { code: 'internal_server_error', status: 500 };
  }
}

function bad(status: number, message: string): Fault {
  return { code: 'bad_request', status, message };
}

/** The page that `doc_url` leads to. Nothing of anybody is on it. */
export function errorsPage(app: HttpServer): void {
  const rows = Object.entries(codes).map(([code, meaning]) => `<tr id="${code}"><td>${code}<td>${meaning}`);
  const head = '<!doctype html><html lang="en"><meta charset="utf-8"><title>Errors</title><h1>Errors</h1>';
  const page = `${head}<table><tr><th>code<th>meaning\n${rows.join('\n')}\n</table>\n`;
  const headers = {
    'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
    'x-content-type-options': 'nosniff',
  };
  app.get('/errors', (_request, reply) => reply.headers(headers).type('text/html; charset=utf-8').send(page));
}
