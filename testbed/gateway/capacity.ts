import { isCheck } from '../lib/sabotage.ts';
import { HttpError, type Service } from '../lib/service.ts';

/**
 * A gateway takes on `gateway-capacity` requests a second (0: as many as come). What is over that is refused at once with 503, because
 * those who are told so early can come back, and nobody is served who waits for longer than he would stay. A tenth of a second may come
 * at once. While the switch `overload-queues` is on they wait instead.
 */
export function limitCapacity({ app, settings }: Service): void {
  let filledAt = performance.now();
  let tokens = 0;
  app.addHook('onRequest', (request, _, done) => {
    const perSecond = settings.read()['gateway-capacity'];
    if (perSecond === 0 || isOwn(request.url) || isCheck(request)) return done();
    const now = performance.now();
    tokens = Math.min(perSecond / 10, tokens + ((now - filledAt) * perSecond) / 1_000);
    filledAt = now;
    tokens -= 1;
    if (tokens >= 0) return done();
    if (settings.read()['overload-queues']) {
      setTimeout(done, Math.min(longestWaitMs, (-tokens * 1_000) / perSecond));
      return;
    }
    tokens += 1;
    done(new HttpError(503, 'more requests than this gateway takes on', { 'retry-after': '1' }));
  });
}

const longestWaitMs = 60_000;

/** Pages of the control loop and of monitoring are not users' requests. */
function isOwn(url: string): boolean {
  return url.startsWith('/-/') || url === '/metrics' || url === '/ready';
}
