import { TOTP } from 'otpauth';
import type { VirtualClock } from './clock.ts';
import type { TestServer } from './server.ts';

/** Somebody with an authenticator app; each code of it is taken once, so that time passes between them. */
export interface AppHolder {
  /** A challenge that is still to be met. */
  challenge(): Promise<string>;
  /** One that was met just now. */
  met(): Promise<string>;
}

const stepMs = 30_000;

/** Enrols an authenticator app to a user of a tenant. @throws Error when any of it is refused */
export async function appHolder(
  { parts }: TestServer,
  tenantId: string,
  userId: string,
  clock: VirtualClock,
): Promise<AppHolder> {
  const { factors, challenges } = parts.people;
  const asked = { tenantId, by: { name: 'test' }, face: 'native' };
  const { outcome } = await factors.enrol(asked, userId, { kind: 'totp' });
  if (outcome.kind !== 'enrolled' || outcome.app === undefined) throw new Error(`not enrolled: ${outcome.kind}`);
  const app = new TOTP({ secret: outcome.app.secret });
  const code = () => {
    clock.advance(stepMs);
    return app.generate({ timestamp: clock.wallMs() });
  };
  const active = await factors.activate(asked, userId, outcome.factor.id, { code: code() });
  if (active.outcome.kind !== 'activated') throw new Error(`not activated: ${active.outcome.kind}`);

  const challenge = async () => {
    const made = await challenges.create(asked, userId, {});
    if (!('challenge' in made.outcome)) throw new Error(`no challenge: ${made.outcome.kind}`);
    return made.outcome.challenge.id;
  };
  return {
    challenge,
    async met() {
      const id = await challenge();
      const checked = await challenges.check(asked, userId, id, { code: code() });
      if (checked.outcome.kind !== 'verified') throw new Error(`not met: ${checked.outcome.kind}`);
      return id;
    },
  };
}
