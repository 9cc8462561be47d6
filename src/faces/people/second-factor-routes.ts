import type { HttpServer } from '../../http/server.ts';
import type { SecondFactorOptions } from './asking.ts';
import { challengeRoutes } from './challenge-routes.ts';
import { factorRoutes } from './factor-routes.ts';
import { recoveryRoutes } from './recovery-routes.ts';

/** Factors, recovery codes and challenges of the users of one tenant. */
export function secondFactorRoutes(app: HttpServer, options: SecondFactorOptions): void {
  factorRoutes(app, options);
  recoveryRoutes(app, options);
  challengeRoutes(app, options);
}
