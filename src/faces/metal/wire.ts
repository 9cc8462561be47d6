import { type Static, Type } from 'typebox';

/*
 * The shapes of the Equinix Metal API on the wire. Source: its interface description of 2023 and the published clients.
 * Unknown fields and query parameters are passed over.
 */

const text = Type.String({ maxLength: 255 });
/** Clients that send every field send null for those that are not set. */
const optional = Type.Optional(Type.Union([text, Type.Null()]));

/** What a client may send: `POST /sessions`. */
export const loginBody = Type.Object({ login: Type.String(), password: Type.String() });

/** `PUT /user`. An empty `phone_number` takes it away. */
export const changeBody = Type.Object({
  first_name: optional,
  last_name: optional,
  phone_number: optional,
  timezone: optional,
  password: optional,
  customdata: Type.Optional(Type.Union([Type.Record(Type.String(), Type.Unknown()), Type.Null()])),
});
export type ChangeBody = Static<typeof changeBody>;

/** What of it is kept with the user as it came. */
export const profileFields = ['first_name', 'last_name', 'timezone', 'customdata'] as const;
export type Profile = Readonly<Partial<Pick<ChangeBody, (typeof profileFields)[number]>>>;

/** The one-time password is the end of the path, whatever it looks like. */
export const verifyParams = Type.Object({ '*': Type.String() });
