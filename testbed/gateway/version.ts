import type { FastifyRequest } from 'fastify';
import { Counter } from 'prom-client';
import { everyNth } from '../lib/every-nth.ts';
import { askedByControl } from '../lib/inventory.ts';
import { liveRelease, versionOf } from '../lib/release.ts';
import { HttpError, type Service } from '../lib/service.ts';

/**
 * Answers say which version they are of, and it counts them. A version that is not admitted yet fails the load balancer's checks, so that it
 * gets no traffic. A candidate breaks in the ways that the switches `new-version-…` say.
 */
export function beOfVersion({ app, registry, settings, testbed, name }: Service): void {
  const release = liveRelease(testbed.dir);
  const version = versionOf(release.readNow(), name);
  const failsNow = everyNth(() => settings.read()['new-version-fails']);
  const answers = new Counter({
    name: 'version_requests_total',
    help: "Answers to users' requests by version",
    labelNames: ['version', 'outcome'],
    registers: [registry],
  });
  const seconds = new Counter({
    name: 'version_seconds_total',
    help: "Time of the answers to users' requests by version",
    labelNames: ['version'],
    registers: [registry],
  });
  for (const outcome of ['good', 'failed']) answers.inc({ version, outcome }, 0);
  seconds.inc({ version }, 0);

  app.addHook('onRequest', (request, reply, done) => {
    reply.header('x-version', version);
    const { candidate, gateways } = release.read();
    const isUser = isByUser(request);
    const isOut = gateways[name]?.admitted === false;
    if (isOut && !isUser && request.url === '/health' && request.headers[askedByControl] === undefined)
      return done(new HttpError(503, `${version} is not admitted`));
    if (candidate !== version) return done();
    if (isBroken(request, settings.read()['new-version-broken']))
      return done(new HttpError(500, 'sabotage: new-version-broken'));
    const error = isUser && failsNow() ? new HttpError(500, 'sabotage: new-version-fails') : undefined;
    setTimeout(done, isUser ? settings.read()['new-version-slow-ms'] : 0, error);
  });
  app.addHook('onResponse', (request, reply, done) => {
    if (isByUser(request)) {
      answers.inc({ version, outcome: reply.statusCode < 500 ? 'good' : 'failed' });
      seconds.inc({ version }, reply.elapsedTime / 1_000);
    }
    done();
  });
}

/** Only the load balancer sends this header on. */
function isByUser(request: FastifyRequest): boolean {
  return request.headers['x-forwarded-for'] !== undefined;
}

function isBroken({ url, method }: FastifyRequest, part: string): boolean {
  if (part === 'health') return url === '/health';
  if (part === 'endpoints') return url === '/api/session';
  return part === 'database' && method === 'POST' && url === '/api/projects';
}
