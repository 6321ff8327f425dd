import { randomUUID } from 'node:crypto';
import Fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify';
import type { Logger } from 'pino';
import { Counter, collectDefaultMetrics, Histogram, Registry } from 'prom-client';
import type { WatchedFile } from './files.ts';
import { closeOnSignal, createLog } from './log.ts';
import { createSpoiler, isCheck } from './sabotage.ts';
import { liveSettings, type Settings } from './settings.ts';
import { listenHost, ownTestbed, type PortName, paths, port, type Secrets, type Testbed } from './testbed.ts';

export interface Service {
  readonly app: FastifyInstance;
  readonly log: Logger;
  readonly registry: Registry;
  readonly testbed: Testbed;
  readonly secrets: Secrets;
  readonly name: PortName;
  readonly settings: WatchedFile<Settings>;
  /** Listens, and closes on SIGTERM. Call it when all routes are registered. */
  listen(close?: () => Promise<unknown>): Promise<void>;
}

/** An error with a status that may be shown to the client. */
export class HttpError extends Error {
  readonly statusCode: number;
  readonly headers: Record<string, string>;
  constructor(statusCode: number, message: string, headers: Record<string, string> = {}) {
    super(message);
    this.statusCode = statusCode;
    this.headers = headers;
  }
}

/** What all services share: /health, /ready, /metrics, correlation ids, JSON errors, the general sabotage switches. */
export function createService(options: {
  ready: () => Promise<unknown> | unknown;
  bodyLimit?: number;
}): Service {
  const { testbed, secrets, name } = ownTestbed();
  const log = createLog(name);
  const settings = liveSettings(paths(testbed.dir).settings);
  const spoil = createSpoiler(name, settings.read);
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: 100 });
  const requests = new Counter({
    name: 'http_requests_total',
    help: 'Answers by route and status',
    labelNames: ['method', 'route', 'status'],
    registers: [registry],
  });
  const durations = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'From the request to the end of the answer',
    labelNames: ['route'],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers: [registry],
  });
  const app = Fastify({
    loggerInstance: log as FastifyBaseLogger,
    logController: new LogController({ disableRequestLogging: true }),
    keepAliveTimeout: 75_000,
    bodyLimit: options.bodyLimit ?? 1_000_000,
    requestIdHeader: false,
    genReqId: (request) => correlationId(request.headers['x-correlation-id']),
    ajv: { customOptions: { coerceTypes: false, removeAdditional: false } },
  });

  let draining = false;
  app.addHook('onRequest', (request, reply, done) => {
    // A connection that is kept open would still lead here when nobody answers any more.
    if (draining) reply.header('connection', 'close');
    reply.header('x-correlation-id', request.id);
    reply.header('x-instance', name);
    const { slowMs, fails } = spoil(request);
    const error = fails ? new HttpError(500, 'sabotage: error-share') : undefined;
    if (slowMs === 0) done(error);
    else setTimeout(done, slowMs, error);
  });
  app.addHook('onSend', (_, reply, payload, done) => {
    if (!reply.hasHeader('server-timing'))
      reply.header('server-timing', `app;dur=${reply.elapsedTime.toFixed(2)}`);
    done(null, payload);
  });
  app.addHook('onResponse', (request, reply, done) => {
    const route = request.routeOptions.url ?? 'unknown';
    requests.inc({ method: request.method, route, status: reply.statusCode });
    durations.observe({ route }, reply.elapsedTime / 1_000);
    done();
  });
  app.setErrorHandler(
    (error: Error & { statusCode?: number; headers?: Record<string, string> }, request, reply) => {
      const status = error.statusCode ?? 500;
      if (status >= 500)
        request.log.warn({ err: error, correlationId: request.id, url: request.url }, 'failed');
      // A body that is refused halfway is read to its end, so that the client, still sending it, sees the answer.
      if (status === 413) {
        reply.removeHeader('connection');
        request.raw.resume();
      }
      const message = status === 500 && !(error instanceof HttpError) ? 'internal error' : error.message;
      return reply
        .code(status)
        .headers(error.headers ?? {})
        .send({
          error: message,
          status,
          correlationId: request.id,
          ...(settings.read()['show-stacks'] && { stack: error.stack }),
        });
    },
  );
  app.setNotFoundHandler((request, reply) =>
    reply.code(404).send({
      error: `there is no ${request.method} ${request.url}`,
      status: 404,
      correlationId: request.id,
    }),
  );

  const healthText = JSON.stringify({ status: 'ok', service: name });
  app.get('/health', (request, reply) => {
    if (settings.read()['empty-health']) return reply.code(200).send('');
    const flapMs = settings.read()['flap-health-ms'];
    const flaps = flapMs > 0 && name.startsWith('gateway') && !isCheck(request);
    if (flaps && Math.floor(Date.now() / flapMs) % 2 === 1)
      return reply.code(503).type('application/json').send('{"status":"down"}');
    return reply.type('application/json').send(healthText);
  });
  app.get('/ready', async () => {
    await options.ready();
    return { status: 'ready', service: name };
  });
  /** After a setting has changed, asking here makes sure that it applies from now on. */
  app.get('/-/settings', () => settings.readNow());
  app.get('/metrics', async (_, reply) => reply.type(registry.contentType).send(await registry.metrics()));

  return {
    app,
    log,
    registry,
    testbed,
    secrets,
    name,
    settings,
    async listen(close) {
      closeOnSignal(
        () => Promise.all([app.close(), close?.()]),
        () => {
          draining = true;
        },
      );
      await app.listen({ host: listenHost(testbed), port: port(testbed, name), backlog: 1_024 });
    },
  };
}

/** The caller's id if it looks like one, because it goes into logs and headers. */
function correlationId(given: string | string[] | undefined): string {
  return typeof given === 'string' && /^[\w.:-]{1,128}$/.test(given) ? given : randomUUID();
}
