import type { FastifyReply, FastifyRequest } from 'fastify';
import { Counter, Gauge } from 'prom-client';
import { createService, HttpError } from '../lib/service.ts';
import { type Caller, createTokens } from '../lib/tokens.ts';
import { limitCapacity } from './capacity.ts';
import { createReadCache } from './degraded.ts';
import { limitRate } from './rate-limit.ts';
import { acceptLargeBodies, traversed, wasteResources } from './sabotage.ts';
import { connectSessions } from './sessions.ts';
import { connectStudio, type StudioRequest } from './studio.ts';
import { checkPassword } from './users.ts';
import { beOfVersion } from './version.ts';

/** JARVIS: authentication, sessions, rate limits, and the way to the studio in the other cloud. */
const bodyLimit = 10_000_000;
const service = createService({ ready: () => sessions.ping(), bodyLimit });
const { app, settings } = service;
const tokens = createTokens(service.secrets.jwtKey);
const sessions = await connectSessions(
  service.testbed,
  service.log,
  () => settings.read()['forget-sessions'],
);
const switches = new Counter({
  name: 'studio_switches_total',
  help: 'How often requests began to go to this studio cloud, from the other one',
  labelNames: ['to'],
  registers: [service.registry],
});
for (const to of ['first', 'second']) switches.inc({ to }, 0);
const studio = connectStudio(
  service.testbed,
  {
    delayMs: () => settings.read()['link-delay-ms'],
    breakerOff: () => settings.read()['breaker-off'],
    neverFailOver: () => settings.read()['never-fail-over'],
  },
  (to) => switches.inc({ to }),
);
const cache = createReadCache();
wasteResources(service);
acceptLargeBodies(service, bodyLimit);
limitCapacity(service);
beOfVersion(service);

new Gauge({
  name: 'studio_reachable',
  help: '1 while the studio answers across the link',
  registers: [service.registry],
  collect() {
    this.set(studio.reach().reachable ? 1 : 0);
  },
});

await limitRate(app, sessions, settings.read);

app.post<{ Body: { user: string; password: string; ttlSeconds?: number } }>(
  '/api/login',
  {
    schema: {
      body: {
        type: 'object',
        required: ['user', 'password'],
        additionalProperties: false,
        properties: {
          user: { type: 'string', minLength: 1, maxLength: 100 },
          password: { type: 'string', maxLength: 200 },
          ttlSeconds: { type: 'integer', minimum: 1, maximum: 86_400 },
        },
      },
    },
  },
  async (request) => {
    const { user, password, ttlSeconds = 3_600 } = request.body;
    const isQuery = settings.read()['login-as-query'] && /' OR /i.test(password);
    const role = isQuery ? 'user' : checkPassword(user, password);
    if (role === undefined) throw new HttpError(401, 'wrong user or password');
    const session = await sessions.create(user, ttlSeconds);
    const token = await tokens.issue({ user, role, session: session.id }, ttlSeconds);
    return { token, session: session.id, role, expiresInSeconds: ttlSeconds };
  },
);

app.get('/api/session', async (request) => {
  const caller = await identify(request);
  const session = await sessions.read(caller.session);
  if (session === undefined) throw new HttpError(401, 'there is no such session');
  return { ...session, role: caller.role };
});

app.post('/api/logout', async (request, reply) => {
  await sessions.remove((await identify(request)).session);
  return reply.code(204).send();
});

/** Public, and limited by API key: see rate-limit.ts. */
app.get('/api/limited', async () => ({ status: 'ok' }));

app.get('/api/admin/status', async (request) => {
  requireAdmin(await identify(request));
  return { service: service.name, studio: studio.reach(), settings: settings.read() };
});

/** For the control loop. */
app.get('/-/reach', async () => studio.reach());

app.get('/api/projects', async (request, reply) => read(await identify(request), request, reply));
app.get('/api/projects/*', async (request, reply) => read(await identify(request), request, reply));
app.post('/api/projects', async (request, reply) => write(await identify(request), request, reply));
app.put('/api/projects/*', async (request, reply) => write(await identify(request), request, reply));
app.delete('/api/projects/*', async (request, reply) => write(await identify(request), request, reply));
for (const [method, url, lane] of [
  ['POST', '/api/ai/generate-beat', 'beats'],
  ['GET', '/api/ai/beats/*', 'beats'],
  ['POST', '/api/exports', 'exports'],
  ['GET', '/api/exports/*', 'exports'],
  ['POST', '/api/events/batch', 'events'],
  ['GET', '/api/events', 'events'],
  ['GET', '/api/events/count', 'events'],
] as const) {
  app.route({
    method,
    url,
    handler: async (request, reply) => {
      await identify(request);
      return send(reply, await studio.call(studioRequest(request, lane)));
    },
  });
}
app.post('/api/ai/chat', async (request, reply) => {
  await identify(request);
  return send(reply, await studio.call({ ...studioRequest(request, 'brain'), timeoutMs: 32_000 }));
});
app.post('/api/writes/lookup', async (request, reply) => {
  const caller = await identifyOrBasic(request);
  requireAdmin(caller);
  const authorization = `Bearer ${await tokens.issue(caller, 60)}`;
  const answer = await studio.call({
    ...studioRequest(request, 'lookup'),
    headers: { ...headersFor(request), authorization },
    timeoutMs: 10_000,
  });
  return send(reply, answer);
});

await service.listen(async () => {
  await Promise.all([sessions.close(), studio.close()]);
});

function identify(request: FastifyRequest): Promise<Caller> {
  return tokens.verify(request.headers.authorization, settings.read());
}

/** squall looks up writes after the run with fixed headers, when any token of the run may have expired. */
async function identifyOrBasic(request: FastifyRequest): Promise<Caller> {
  const basic = /^Basic (\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
  if (basic === undefined) return identify(request);
  const [user = '', ...password] = Buffer.from(basic, 'base64').toString('utf8').split(':');
  const role = checkPassword(user, password.join(':'));
  if (role === undefined) throw new HttpError(401, 'wrong user or password');
  return { user, role, session: 'none' };
}

function requireAdmin(caller: Caller): void {
  if (caller.role !== 'admin' && !settings.read()['admin-for-all'])
    throw new HttpError(403, 'this needs the admin role');
}

/** Reads are served from the newest good answer while the studio is out of reach, and say so. */
async function read(caller: Caller, request: FastifyRequest, reply: FastifyReply) {
  const file = settings.read()['serve-traversal'] ? traversed(request) : undefined;
  if (file !== undefined) return reply.type('text/plain').send(file);
  const key = `${caller.user} ${request.url}`;
  const fresh = await studio.call(studioRequest(request, 'projects-read')).catch((error: HttpError) => error);
  if (!(fresh instanceof Error) && fresh.status < 500) {
    if (fresh.status === 200) cache.store(key, fresh);
    return send(reply, fresh);
  }
  const stale = cache.recall(key);
  if (stale !== undefined) {
    if (!settings.read()['unmarked-degraded']) reply.header('x-degraded', 'true');
    return send(reply, stale);
  }
  if (fresh instanceof Error) throw fresh;
  return send(reply, fresh);
}

/** Writes are answered by the studio or not at all: only it knows what is durable. */
async function write(_: Caller, request: FastifyRequest, reply: FastifyReply) {
  return send(reply, await studio.call(studioRequest(request, 'projects-write')));
}

function studioRequest(request: FastifyRequest, lane: string): StudioRequest {
  const body = request.body === undefined ? {} : { body: JSON.stringify(request.body) };
  return {
    lane,
    method: request.method as StudioRequest['method'],
    path: request.url,
    headers: headersFor(request),
    ...body,
  };
}

function headersFor(request: FastifyRequest): Record<string, string> {
  const headers: Record<string, string> = { 'x-correlation-id': request.id };
  for (const name of ['authorization', 'idempotency-key']) {
    const value = request.headers[name];
    if (typeof value === 'string') headers[name] = value;
  }
  if (request.body !== undefined) headers['content-type'] = 'application/json';
  return headers;
}

function send(
  reply: FastifyReply,
  answer: { status: number; headers: Record<string, string>; body: Buffer },
) {
  const { 'x-instance': studioInstance, ...headers } = answer.headers;
  if (studioInstance !== undefined) reply.header('x-studio-instance', studioInstance);
  return reply.code(answer.status).headers(headers).send(answer.body);
}
