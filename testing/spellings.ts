/* The ways in which people write one and the same thing. */

const international = [
  '+33612345678',
  '+33 612345678',
  '+33 6 12 34 56 78',
  '+33 612 345 678',
  '+33-6-12-34-56-78',
  '+33.6.12.34.56.78',
  '+33/6/12/34/56/78',
  '+33 (6) 12 34 56 78',
  '+33 (0)6 12 34 56 78',
  '+33(0)612345678',
  '+330612345678',
  '+33 06 12 34 56 78',
  '+33  6  12  34  56  78',
  '+33 6-12-34-56-78 ',
  '+(33) 6 12 34 56 78',
];

const national = [
  '0612345678',
  '06 12 34 56 78',
  '06.12.34.56.78',
  '06-12-34-56-78',
  '06/12/34/56/78',
  '(06) 12 34 56 78',
  '0 612 345 678',
  '612345678',
  '6 12 34 56 78',
  '0033612345678',
  '00 33 6 12 34 56 78',
  '33612345678',
  '33 6 12 34 56 78',
  '+33612345678',
  '+33 6 12 34 56 78',
  ' 06 12 34 56 78 ',
];

/** One French mobile number, +33612345678. */
export const numberSpellings: readonly { readonly recipient: string; readonly country?: string }[] = [
  ...international.map((recipient) => ({ recipient })),
  ...national.map((recipient) => ({ recipient, country: 'FR' })),
];

const locals = [
  'ada.lovelace+code',
  'Ada.Lovelace+code',
  'ADA.LOVELACE+CODE',
  'aDA.lOVELACE+Code',
  'Ada.lovelace+CODE',
];
const domains = [
  'bücher.example',
  'BÜCHER.EXAMPLE',
  'Bücher.Example',
  'xn--bcher-kva.example',
  'XN--BCHER-KVA.EXAMPLE',
  // A letter and its dots apart, full-width letters, and another full stop.
  'bu\u0308cher.example',
  'ｂücher.ｅxample',
  'bücher。example',
];

/** One e-mail address, ada.lovelace+code@xn--bcher-kva.example. */
export const emailSpellings: readonly string[] = locals.flatMap((local) =>
  domains.map((domain) => `${local}@${domain}`),
);
