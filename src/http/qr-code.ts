import { correction, generate } from 'lean-qr';
import { toPngDataURL } from 'lean-qr/extras/node_export';
import { toSvgSource } from 'lean-qr/extras/svg';

/** A QR code, drawn twice: black on white, with the quiet zone that readers need. */
export interface QrCode {
  /** An SVG document as text. */
  readonly svg: string;
  /** A PNG image as a data URI, for the `src` of an image. */
  readonly png: string;
}

/** Modules around the code that are left white: ISO/IEC 18004 asks for four. */
const quietZone = 4;
/** Pixels of a module. */
const scale = 6;
const colours = { on: [0, 0, 0], off: [255, 255, 255] } as const;

/**
 * The QR code of a text, with error correction M: a reader puts right 15 % of it.
 * @throws Error when the text is longer than a QR code can hold, about 2,300 bytes: a mistake in our code
 */
export function qrCodeOf(text: string): QrCode {
  const code = generate(text, { minCorrectionLevel: correction.M, maxCorrectionLevel: correction.M });
  return {
    svg: toSvgSource(code, { pad: quietZone, scale, on: 'black', off: 'white' }),
    png: toPngDataURL(code, { pad: quietZone, scale, ...colours }),
  };
}
