import type { ProblemKind } from '../../http/reference/document.ts';

/** What errors.ts answers beyond the problems of every face and of verifications: for the API's description. */
export const peopleProblems: readonly ProblemKind[] = [
  { status: 409, code: 'reference_taken', title: 'Another user has this reference' },
  { status: 409, code: 'login_taken', title: 'Another user logs in with this e-mail address' },
  { status: 409, code: 'phone_number_in_use', title: 'Codes go to this phone number' },
  { status: 409, code: 'too_many_tokens', title: 'The user has as many tokens as there may be' },
  { status: 409, code: 'challenge_used', title: 'There is a session for this challenge already' },
  { status: 409, code: 'challenge_too_old', title: 'The challenge was met too long ago' },
  { status: 409, code: 'challenge_not_verified', title: 'The challenge was not met' },
  { status: 409, code: 'already_done', title: 'This was done already' },
];
