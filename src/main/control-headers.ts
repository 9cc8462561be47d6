/* What a command says beside its request to the server of its machine. */

/** For which tenant the native API is asked. */
export const tenantHeader = 'x-countersign-tenant';
/** Who works there, for the audit trail. */
export const operatorHeader = 'x-countersign-operator';
