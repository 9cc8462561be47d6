import type { Terms } from '../domain/verification.ts';
import type { CreateVerification } from './commands/create-verification.ts';

/** How a face wants its request understood, where its vendor does otherwise than we do. */
export interface FaceWishes {
  /** A number of the right length passes, although nobody may have it. */
  readonly possibleNumbers?: true | undefined;
  /** The face itself has held code length, lifetime and attempts against its vendor's ranges, and the template. */
  readonly ownRanges?: true | undefined;
  /** What becomes of the request while another verification is pending; as for native when absent. */
  readonly whilePending?: CreateVerification['whilePending'] | undefined;
  /** The code of a resumed verification is another one from then on. */
  readonly newCode?: true | undefined;
  /**
   * It is checked by its code alone: a generated code is of digits, does not begin with 0, and is no other live one's; the
   * caller's own is taken as it is spelt.
   */
  readonly byCodeAlone?: true | undefined;
  /** A request over the limits of recipient or address is written down as `refused`. */
  readonly recordsRefusals?: true | undefined;
  /** Landlines are not served either. */
  readonly onlyMessageLines?: true | undefined;
  /** Parts and price are written down; the price of a part where the price table says nothing. */
  readonly priced?: { readonly perPartMicros: number } | undefined;
  readonly terms?:
    | Pick<Terms, 'placeholder' | 'callbackUrl' | 'callbackEvents' | 'sendsMax' | 'showsCode' | 'lastLine' | 'followed'>
    | undefined;
}
