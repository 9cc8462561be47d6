import { correction, generate } from 'lean-qr';

/** Modules around the code that are left light: ISO/IEC 18004 asks for four. */
const quietZone = 4;

/** For an upper and a lower module: light is drawn, as most terminals are dark; readers take it either way around. */
const blocks = { both: '█', upper: '▀', lower: '▄', none: ' ' } as const;

/** A QR code in characters, two modules above each other in each. */
export function qrBlocks(text: string): string {
  const code = generate(text, { minCorrectionLevel: correction.L, maxCorrectionLevel: correction.L });
  const end = code.size + quietZone;
  const lines: string[] = [];
  for (let y = -quietZone; y < end; y += 2) {
    let line = '';
    for (let x = -quietZone; x < end; x++) {
      // Below the last line there is nothing to be drawn.
      line += blockOf(!code.get(x, y), y + 1 < end && !code.get(x, y + 1));
    }
    lines.push(line);
  }
  return lines.join('\n');
}

function blockOf(upper: boolean, lower: boolean): string {
  if (upper) return lower ? blocks.both : blocks.upper;
  return lower ? blocks.lower : blocks.none;
}
