import type { ProblemKind } from '../../http/reference/document.ts';

/** What errors.ts answers beyond the problems of every face: for the API's description. */
export const nativeProblems: readonly ProblemKind[] = [
  { status: 403, code: 'verification_refused', title: 'Nothing was sent' },
  { status: 429, code: 'recipient_locked', title: 'Too many wrong codes for this recipient' },
  { status: 429, code: 'resend_too_soon', title: 'Another message is not possible yet' },
  { status: 409, code: 'sends_exhausted', title: 'No message is left' },
  { status: 409, code: 'verification_unsent', title: 'No message of it went out' },
  { status: 409, code: 'verification_expiring', title: 'Too little life left' },
  { status: 409, code: 'verification_ended', title: 'The verification has ended' },
];
