import { randomUUID } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import { Counter, Gauge } from 'prom-client';
import { createService, HttpError } from '../lib/service.ts';
import { type Caller, createTokens } from '../lib/tokens.ts';
import { connectDatabase } from './database.ts';
import { addEvents } from './events.ts';
import {
  countedId,
  forgetsThisWrite,
  lockInCircle,
  meetsDeadlock,
  storesThisWriteTwice,
} from './sabotage.ts';
import {
  countWrites,
  createProject,
  deleteProject,
  listProjects,
  readProject,
  updateProject,
} from './store.ts';

/** The studio's projects service, behind the studio's own load balancer. It trusts the token, not the gateway. */
const service = createService({ ready: () => database.query('SELECT 1') });
const { app, secrets, settings } = service;
const deadlocks = new Counter({
  name: 'database_deadlocks_total',
  help: 'Statements that the database broke off to end a deadlock (SQLSTATE 40P01)',
  registers: [service.registry],
});
const database = connectDatabase(service.testbed, secrets, service.log, () => deadlocks.inc());
const tokens = createTokens(secrets.jwtKey);

new Gauge({
  name: 'database_connections',
  help: 'Connections of the pool by state; waiting: requests that wait for one',
  labelNames: ['state'],
  registers: [service.registry],
  collect() {
    for (const [state, value] of Object.entries(database.usage())) this.set({ state }, value);
  },
});

const uuid = { type: 'string', format: 'uuid' } as const;
const name = { type: 'string', minLength: 1, maxLength: 120 } as const;
const bpm = { type: 'integer', minimum: 20, maximum: 300 } as const;

app.get<{ Querystring: { search?: string } }>(
  '/api/projects',
  {
    schema: {
      querystring: { type: 'object', properties: { search: { type: 'string', maxLength: 200 } } },
    },
  },
  async (request) => {
    const caller = await identify(request);
    return {
      projects: await listProjects(
        database,
        caller.user,
        settings.read()['search-as-pattern'] && request.query.search !== undefined
          ? ''
          : request.query.search,
        20,
      ),
    };
  },
);

app.get<{ Params: { id: string } }>(
  '/api/projects/:id',
  { schema: { params: { type: 'object', properties: { id: uuid } } } },
  async (request) => ownProject(await identify(request), request.params.id),
);

app.post<{ Body: { name: string; bpm: number } }>(
  '/api/projects',
  {
    // So that the switch bounds-off can skip it.
    attachValidation: true,
    schema: {
      headers: {
        type: 'object',
        properties: { 'idempotency-key': { type: 'string', pattern: '^[\\w.:-]{1,200}$' } },
      },
      body: {
        type: 'object',
        required: ['name', 'bpm'],
        additionalProperties: false,
        properties: { name, bpm },
      },
    },
  },
  async (request, reply) => {
    const caller = await identify(request);
    if (request.validationError !== undefined) {
      if (settings.read()['bounds-off']) return reply.code(201).send({ id: randomUUID() });
      throw new HttpError(400, request.validationError.message);
    }
    const idempotencyKey = (request.headers['idempotency-key'] as string | undefined) ?? randomUUID();
    const name = settings.read()['strip-names']
      ? request.body.name.replace(/<[^>]*>/g, '-')
      : request.body.name;
    const counted = settings.read()['counted-ids'] ? { id: countedId() } : {};
    const project = { ...request.body, name, owner: caller.user, idempotencyKey, ...counted };
    if (forgetsThisWrite(settings.read())) {
      const forgotten = { ...project, id: randomUUID(), version: 1, createdAt: new Date().toISOString() };
      return reply.code(201).send(forgotten);
    }
    if (meetsDeadlock(settings.read())) lockInCircle(database);
    const stored = await createProject(database, project);
    if (!stored.replayed && storesThisWriteTwice(settings.read())) await createProject(database, project, 1);
    if (stored.replayed) reply.header('idempotent-replayed', 'true');
    return reply.code(201).header('location', `/api/projects/${stored.project.id}`).send(stored.project);
  },
);

app.put<{ Params: { id: string }; Body: { name: string; bpm: number; version: number } }>(
  '/api/projects/:id',
  {
    schema: {
      params: { type: 'object', properties: { id: uuid } },
      body: {
        type: 'object',
        required: ['name', 'bpm', 'version'],
        additionalProperties: false,
        properties: { name, bpm, version: { type: 'integer', minimum: 1 } },
      },
    },
  },
  async (request) => {
    const { id } = await ownProject(await identify(request), request.params.id);
    const changed = await updateProject(database, { id, ...request.body });
    if (changed === undefined && settings.read()['last-write-wins']) return { id, ...request.body };
    if (changed === undefined) throw new HttpError(409, 'the project has changed: read it again');
    return changed;
  },
);

app.delete<{ Params: { id: string } }>(
  '/api/projects/:id',
  { schema: { params: { type: 'object', properties: { id: uuid } } } },
  async (request, reply) => {
    const { id } = await ownProject(await identify(request), request.params.id);
    await deleteProject(database, id);
    return reply.code(204).send();
  },
);

addEvents(service, database);

/** For squall, after a run: is every acknowledged write there, once? Asks the primary. */
app.post<{ Body: { ids: string[] } }>(
  '/api/writes/lookup',
  {
    schema: {
      body: {
        type: 'object',
        required: ['ids'],
        properties: { ids: { type: 'array', maxItems: 1_000, items: { type: 'string', maxLength: 200 } } },
      },
    },
  },
  async (request) => {
    const caller = await identify(request);
    if (caller.role !== 'admin') throw new HttpError(403, 'this needs the admin role');
    return { counts: await countWrites(database, request.body.ids) };
  },
);

await service.listen(() => database.close());

function identify(request: FastifyRequest): Promise<Caller> {
  return tokens.verify(request.headers.authorization, settings.read());
}

async function ownProject(caller: Caller, id: string) {
  const project = await readProject(database, id);
  if (project === undefined) throw new HttpError(404, `there is no project ${id}`);
  const open = caller.role === 'admin' || settings.read()['admin-for-all'];
  if (project.owner !== caller.user && !open) throw new HttpError(403, 'this is not your project');
  return project;
}
