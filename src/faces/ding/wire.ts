import { type Static, Type } from 'typebox';
import { isWebUrl } from '../../domain/callback-url.ts';
import { addressKey } from '../../http/client-address.ts';
import { firstBroken, isOneLine, type Rule } from '../../http/loose-fields.ts';
import { bad, type DingFault } from './errors.ts';

/*
 * The shapes of Ding's API on the wire, and the syntax of its fields. Source: Ding API reference. Unknown fields are
 * passed over.
 */

const text = Type.String();
const optional = Type.Optional(Type.String());

/** What the device says of itself: kept, and shown again. */
const signals = {
  ip: optional,
  device_id: optional,
  device_type: optional,
  app_version: optional,
  app_realm: optional,
  os_version: optional,
  device_model: optional,
  is_returning_user: Type.Optional(Type.Boolean()),
};
export const signalNames = Object.keys(signals) as (keyof typeof signals)[];

export const authenticationBody = Type.Object({
  customer_uuid: text,
  phone_number: text,
  ...signals,
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
export const phoneNumber = Type.Object({ phone_number: text });
export const lookupHeaders = Type.Object({ 'customer-uuid': text });

const isGiven = (value: string | undefined): value is string => value !== undefined;
/** Whether a field is there and is not of a form. */
const isNot = (form: RegExp, value: string | undefined) => isGiven(value) && !form.test(value);
const isDeviceText = (value = '') => isOneLine(value, 128);

/** What each field is held against, in this order. */
const rules: readonly Rule<DingFault, AuthenticationBody>[] = [
  [{ code: 'invalid_phone_number' }, ({ phone_number }) => !isE164(phone_number)],
  [bad('ip is no IPv4 or IPv6 address.'), ({ ip }) => isGiven(ip) && addressKey(ip) === undefined],
  [bad('device_type must be IOS, ANDROID or WEB.'), ({ device_type }) => isNot(/^(?:IOS|ANDROID|WEB)$/, device_type)],
  [bad('callback_url is no http or https URL.'), ({ callback_url: url }) => isGiven(url) && !isWebUrl(url)],
  [
    bad('correlation_id has at most 80 characters and no control characters.'),
    ({ correlation_id = '' }) => !isOneLine(correlation_id, 80),
  ],
  [{ code: 'invalid_app_realm' }, ({ app_realm }) => isNot(/^[A-Za-z0-9+/]{11}$/, app_realm)],
  [
    { code: 'app_realm_require_device_type' },
    ({ app_realm, device_type }) => isGiven(app_realm) && !isGiven(device_type),
  ],
  [
    { code: 'unsupported_app_realm_device_type' },
    ({ app_realm, device_type }) => isGiven(app_realm) && device_type !== 'ANDROID',
  ],
  [{ code: 'invalid_app_version' }, ({ app_version }) => !isDeviceText(app_version)],
  [{ code: 'invalid_os_version' }, ({ os_version }) => !isDeviceText(os_version)],
  [{ code: 'invalid_device_model' }, ({ device_model }) => !isDeviceText(device_model)],
  [{ code: 'invalid_device_id' }, ({ device_id }) => !isDeviceText(device_id)],
  [{ code: 'invalid_template_id' }, ({ template_id }) => isNot(/^[a-z0-9][a-z0-9-]{0,63}$/, template_id)],
  [{ code: 'invalid_sender_id' }, ({ sender_id }) => isNot(/^(?:[A-Za-z0-9]{3,11}|\+?[0-9]{3,15})$/, sender_id)],
];

/** The first field that is not as it is to be. */
export function fieldFault(body: AuthenticationBody): DingFault | undefined {
  return firstBroken(rules, body);
}

export function isE164(number: string): boolean {
  return /^\+[1-9][0-9]{1,14}$/.test(number);
}

/** A language tag that can be kept; any other is as good as none. */
export function knownLocale(locale = ''): string | undefined {
  return /^[a-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,2}$/.test(locale) ? locale : undefined;
}
