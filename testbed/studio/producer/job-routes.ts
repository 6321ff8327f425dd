import type { FastifyRequest } from 'fastify';
import { Gauge } from 'prom-client';
import { HttpError, type Service } from '../../lib/service.ts';
import { type Caller, createTokens } from '../../lib/tokens.ts';
import type { JobQueue } from './queue.ts';
import type { Shelf } from './shelf.ts';

export interface JobRoutes<Body extends object> {
  /** The name in metrics: `beats`. */
  readonly plural: string;
  /** The name in answers: `beat`. */
  readonly singular: string;
  /** POST here orders a job. */
  readonly order: string;
  /** `GET …/:id` answers how far it is, `GET …/:id/audio` where its audio is. */
  readonly jobs: string;
  /** JSON schema of an order. */
  readonly body: object;
  readonly queue: JobQueue<Body & { readonly owner: string }>;
  /** Null where there is no object store. */
  readonly shelf: Shelf | null;
}

/** Orders (202), their state, and signed URLs of what they left; each user sees their own. */
export function addJobRoutes<Body extends object>(
  { app, secrets, settings, registry }: Service,
  { plural, singular, order, jobs, body, queue, shelf }: JobRoutes<Body>,
): void {
  const tokens = createTokens(secrets.jwtKey);
  const identify = (request: FastifyRequest): Promise<Caller> =>
    tokens.verify(request.headers.authorization, settings.read());
  for (const [state, help, count] of [
    ['waiting', 'Orders in the queue', queue.waiting],
    ['working', 'Jobs under way', queue.working],
  ] as const)
    new Gauge({
      name: `${plural}_${state}`,
      help,
      registers: [registry],
      collect() {
        this.set(count());
      },
    });

  app.post<{ Body: Body }>(order, { schema: { body } }, async (request, reply) => {
    const { user } = await identify(request);
    const job = queue.submit({ ...(request.body as Body), owner: user });
    if (job === null) throw new HttpError(503, 'the queue is full', { 'retry-after': '10' });
    return reply.code(202).header('location', `${jobs}/${job.id}`).send(job);
  });

  app.get<{ Params: { id: string } }>(`${jobs}/:id`, async (request) => {
    const { user, role } = await identify(request);
    const job = queue.find(request.params.id);
    if (job === undefined) throw new HttpError(404, `there is no such ${singular}`);
    if (job.owner !== user && role !== 'admin') throw new HttpError(403, `this is not your ${singular}`);
    return job;
  });

  app.get<{ Params: { id: string } }>(
    `${jobs}/:id/audio`,
    {
      schema: {
        params: { type: 'object', properties: { id: { type: 'string', format: 'uuid' } } },
      },
    },
    async (request) => {
      const { user, role } = await identify(request);
      const stored = await shelf?.find(request.params.id, role === 'admin' ? undefined : user);
      if (stored === undefined) throw new HttpError(404, `there is no audio of this ${singular}`);
      return stored;
    },
  );
}
