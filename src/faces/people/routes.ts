import type { People } from '../../engine/people.ts';
import type { Authorize } from '../../http/authorized.ts';
import type { RateLimiter } from '../../http/rates.ts';
import type { HttpServer } from '../../http/server.ts';
import { secondFactorRoutes } from './second-factor-routes.ts';
import { sessionRoutes } from './session-routes.ts';
import { userRoutes } from './user-routes.ts';

export interface PeopleRoutesOptions {
  readonly people: People;
  readonly authorize: Authorize;
  readonly rates: RateLimiter;
}

/** Users of one tenant, and what is theirs: its own for a key of the tenant, any tenant's for an operator. */
export async function peopleRoutes(app: HttpServer, options: PeopleRoutesOptions): Promise<void> {
  const { people, authorize } = options;
  app.decorateRequest('authorized');
  app.addHook('onRequest', async (request) => {
    request.authorized = await authorize(request);
  });
  userRoutes(app, people);
  sessionRoutes(app, people);
  secondFactorRoutes(app, options);
}
