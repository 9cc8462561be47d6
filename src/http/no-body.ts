import { EdgeRefusal } from './edge-error.ts';
import type { HttpServer } from './server.ts';

/**
 * Lets requests to routes that allow an empty body come with none under any media type, or without one, however its
 * length is told. A body that is not empty is JSON or refused.
 */
export function takeNoBodyOfAnyType(app: HttpServer): void {
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (request, body, done) => {
    if (body.length === 0 && request.routeOptions.config.emptyBody === true) return done(null, {});
    return done(new EdgeRefusal({ kind: 'unsupported-media-type', reason: 'media-type' }), undefined);
  });
}
