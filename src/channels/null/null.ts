import { channels } from '../../domain/channel.ts';
import type { Provider } from '../../engine/provider.ts';

/** Accepts every message and discards it, so that a benchmark measures the server and not a carrier. */
export const nullProvider: Provider = {
  name: 'null',
  channels,
  deduplicates: true,
  async send() {
    return { kind: 'accepted' };
  },
};
