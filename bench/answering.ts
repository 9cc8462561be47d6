import type { Answer, CommonQuestion } from './protocol.ts';

/**
 * The child's side of the conversation: answers the questions every process is asked, hands the others to `handle`,
 * and ends when it is told to stop or when its parent is gone.
 */
export function answerParent<Question extends { readonly kind: string }>(
  handle: (question: Question) => Promise<unknown>,
  stop: () => Promise<void>,
): void {
  const answer = async (question: CommonQuestion | Question): Promise<unknown> => {
    if (question.kind === 'cpu') return process.cpuUsage();
    if (question.kind === 'stop') return stop();
    return handle(question as Question);
  };
  process.on('message', (question: CommonQuestion | Question) => {
    void answer(question)
      .then((value): Answer => ({ kind: 'answer', value }))
      .catch((error): Answer => ({ kind: 'failed', message: error instanceof Error ? error.message : String(error) }))
      .then((said) => process.send?.(said, () => question.kind === 'stop' && process.exit(0)));
  });
  process.on('disconnect', () => process.exit(1));
}
