import type { CeilingNotice } from '../domain/ceiling.ts';

/** Something that an operator wants to hear of, said once: it is logged and counted. */
export interface Notice {
  readonly kind: CeilingNotice | 'webhook-endpoint-disabled';
  readonly tenantId: string;
}
