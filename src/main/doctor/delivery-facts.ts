import type { DeliveryFacts, ProviderFacts } from '../../cli/doctor/facts.ts';
import { channels } from '../../domain/channel.ts';
import type { Provider } from '../../engine/provider.ts';
import type { Settings } from '../settings.ts';

const probeMs = 5000;

/** Asks every provider whether it can be reached, all at once. Development mode has its inbox. */
export async function deliveryFacts({ mode, providers, routes }: Settings): Promise<DeliveryFacts> {
  if (mode === 'development') {
    const inbox = { name: 'inbox', channels, probe: { kind: 'ready' }, warnings: [] } as const;
    return { providers: [inbox], routes: Object.fromEntries(channels.map((channel) => [channel, ['inbox']])) };
  }
  return { providers: await Promise.all(providers.map(probed)), routes };
}

type Configured = Settings['providers'][number];

async function probed({ name, channels: carried, create }: Configured): Promise<ProviderFacts> {
  const facts = { name, channels: carried };
  try {
    const provider = create();
    try {
      return { ...facts, probe: await inTime(provider), warnings: provider.warnings ?? [] };
    } finally {
      await provider.close?.();
    }
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    return {
      ...facts,
      probe: { kind: 'problem', problem: said, remedy: 'look at its settings, and at the network' },
      warnings: [],
    };
  }
}

/** Whatever a provider does with the signal, nobody waits longer. */
async function inTime(provider: Provider): Promise<ProviderFacts['probe']> {
  if (provider.probe === undefined) return { kind: 'none' };
  const signal = AbortSignal.timeout(probeMs);
  const late = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(new Error(`it did not answer within ${probeMs / 1000} s`)));
  });
  return Promise.race([provider.probe({ signal }), late]);
}
