/** Who asks: a tenant, through a face. */
export interface Caller {
  readonly tenantId: string;
  readonly face: string;
  /** The caller sees the verifications of every face, not only its own. */
  readonly seesAllFaces: boolean;
}
