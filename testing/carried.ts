import type { Send } from '../src/domain/send.ts';
import type { CreateVerification } from '../src/engine/commands/create-verification.ts';
import { aCreate, tenantId } from './builders.ts';
import type { TestEngine } from './engine.ts';
import { until } from './until.ts';

/** Commits a create and carries its message, as the engine does. */
export async function carried({ committer, delivery }: TestEngine, given: Parameters<typeof aCreate>[0] = {}) {
  const command = aCreate({ epoch: 'e1', providers: ['first', 'second'], ...given });
  const { job } = await committer.commit(command, 'create');
  if (job !== undefined) delivery.carry(job);
  return command;
}

export async function sendOf(
  { store }: Pick<TestEngine, 'store'>,
  { requested: { id } }: CreateVerification,
): Promise<Send> {
  const [send] = await store.queries.sends(tenantId, id);
  if (send === undefined) throw new Error('no send');
  return send;
}

/** The send once the try under way is recorded. */
export function settled(given: TestEngine, command: CreateVerification): Promise<Send> {
  return until('the try to be recorded', async () => {
    const send = await sendOf(given, command);
    return send.tryOpen ? undefined : send;
  });
}

/** Lets the backoff of a send pass and claims it. */
export async function again(given: TestEngine, command: CreateVerification): Promise<Send> {
  given.clock.advance(20_000);
  await given.delivery.claimDue();
  return settled(given, command);
}
