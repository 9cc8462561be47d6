import { type Static, Type } from 'typebox';
import { addressKey } from '../../http/client-address.ts';
import type { Fault } from './errors.ts';

/*
 * The shapes of Ding's API on the wire, and the syntax of its fields. Source: Ding API reference. Unknown fields are
 * passed over.
 */

const text = Type.String();
const optional = Type.Optional(Type.String());

export const authenticationBody = Type.Object({
  customer_uuid: text,
  phone_number: text,
  ip: optional,
  device_id: optional,
  device_type: optional,
  app_version: optional,
  app_realm: optional,
  os_version: optional,
  device_model: optional,
  is_returning_user: Type.Optional(Type.Boolean()),
  callback_url: optional,
  template_id: optional,
  correlation_id: optional,
  locale: optional,
  sender_id: optional,
});
export type AuthenticationBody = Static<typeof authenticationBody>;

export const checkBody = Type.Object({ customer_uuid: text, authentication_uuid: text, check_code: text });
export const retryBody = Type.Object({ customer_uuid: text, authentication_uuid: text });
export const feedbackBody = Type.Object({ customer_uuid: text, phone_number: text, status: text });

export const authParams = Type.Object({ auth_uuid: text });
export const numberParams = Type.Object({ phone_number: text });
export const numberBody = Type.Object({ phone_number: text });
export const lookupHeaders = Type.Object({ 'customer-uuid': text });

/** What the device says of itself: kept, and shown again. */
export const signalNames = [
  'ip',
  'device_id',
  'device_type',
  'app_version',
  'app_realm',
  'os_version',
  'device_model',
  'is_returning_user',
] as const satisfies readonly (keyof AuthenticationBody)[];

/** The first field that is not as it is to be. */
export function fieldFault(body: AuthenticationBody): Fault | undefined {
  const { ip, device_type, callback_url, correlation_id, app_version, os_version, device_model, device_id } = body;
  if (!isE164(body.phone_number)) return { code: 'invalid_phone_number' };
  if (ip !== undefined && addressKey(ip) === undefined) return bad('ip is no IPv4 or IPv6 address.');
  if (device_type !== undefined && !/^(?:IOS|ANDROID|WEB)$/.test(device_type)) {
    return bad('device_type must be IOS, ANDROID or WEB.');
  }
  if (callback_url !== undefined && !isWebUrl(callback_url)) return bad('callback_url is no http or https URL.');
  if (correlation_id !== undefined && !isShown(correlation_id, 80)) {
    return bad('correlation_id has at most 80 characters and no control characters.');
  }
  const realm = realmFault(body);
  if (realm !== undefined) return realm;
  if (!isShown(app_version)) return { code: 'invalid_app_version' };
  if (!isShown(os_version)) return { code: 'invalid_os_version' };
  if (!isShown(device_model)) return { code: 'invalid_device_model' };
  if (!isShown(device_id)) return { code: 'invalid_device_id' };
  if (body.template_id !== undefined && !/^[a-z0-9][a-z0-9-]{0,63}$/.test(body.template_id)) {
    return { code: 'invalid_template_id' };
  }
  const { sender_id } = body;
  if (sender_id !== undefined && !/^(?:[A-Za-z0-9]{3,11}|\+?[0-9]{3,15})$/.test(sender_id)) {
    return { code: 'invalid_sender_id' };
  }
  return undefined;
}

function realmFault({ app_realm, device_type }: AuthenticationBody): Fault | undefined {
  if (app_realm === undefined) return undefined;
  if (!/^[A-Za-z0-9+/]{11}$/.test(app_realm)) return { code: 'invalid_app_realm' };
  if (device_type === undefined) return { code: 'app_realm_require_device_type' };
  return /^ANDROID$/.test(device_type) ? undefined : { code: 'unsupported_app_realm_device_type' };
}

export function isE164(number: string): boolean {
  return /^\+[1-9][0-9]{1,14}$/.test(number);
}

/** A language tag that can be kept; any other is as good as none. */
export function knownLocale(locale: string | undefined): string | undefined {
  return locale !== undefined && /^[a-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,2}$/.test(locale) ? locale : undefined;
}

function isShown(value: string | undefined, lengthMax = 128): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: refusing them is the purpose
  return value === undefined || (value.length <= lengthMax && !/[\u0000-\u001f\u007f]/.test(value));
}

const urlLengthMax = 2048;

function isWebUrl(value: string): boolean {
  if (value.length > urlLengthMax || !URL.canParse(value)) return false;
  const { protocol, username, password } = new URL(value);
  return (protocol === 'http:' || protocol === 'https:') && username === '' && password === '';
}

function bad(message: string): Fault {
  return { code: 'bad_request', message };
}
