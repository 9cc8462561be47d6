let handedOut = 0;

/** A French mobile number that no other test of this file uses. */
export function aNumber(): string {
  handedOut += 1;
  return `+33612${String(handedOut).padStart(6, '0')}`;
}

/** A code of the same form that is surely another one. */
export function wrongFor(code: string): string {
  const last = code.endsWith('2') ? '3' : '2';
  return code.slice(0, -1) + last;
}
