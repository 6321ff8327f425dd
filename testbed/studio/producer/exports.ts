import { everyNth } from '../../lib/every-nth.ts';
import type { Service } from '../../lib/service.ts';
import { addJobRoutes } from './job-routes.ts';
import { createJobQueue, type Job } from './queue.ts';
import type { Shelf } from './shelf.ts';
import { renderBar } from './wav.ts';

interface Stem {
  readonly stem: string;
  readonly bpm: number;
}
type StemOrder = Stem & { readonly owner: string };

const steps = 10;

/** Exports of stems: ordered at `/api/exports`, they wait in a queue of their own and say how far they are. */
export function addExports(service: Service, shelf: Shelf | null): void {
  const read = service.settings.read;
  const failsNow = everyNth(() => read()['export-fails']);
  const queue = createJobQueue<StemOrder>(
    () => ({
      workers: read()['export-workers'],
      queue: read()['export-queue'],
      durationMs: () => read()['export-ms'],
      fails: failsNow,
    }),
    { steps, finish: async (stem) => shelf?.keep(stem, renderBar(stem.bpm)) },
  );
  addJobRoutes<Stem>(service, {
    plural: 'exports',
    singular: 'export',
    order: '/api/exports',
    jobs: '/api/exports',
    body: {
      type: 'object',
      required: ['stem', 'bpm'],
      additionalProperties: false,
      properties: {
        stem: { type: 'string', minLength: 1, maxLength: 100 },
        bpm: { type: 'integer', minimum: 20, maximum: 300 },
      },
    },
    queue: { ...queue, find: (id) => hideProgress(queue.find(id)) },
    shelf,
  });

  /** Sabotage. */
  function hideProgress(stem: Job<StemOrder> | undefined): Job<StemOrder> | undefined {
    return stem !== undefined && read()['export-silent'] && stem.state !== 'done'
      ? { ...stem, progress: 0 }
      : stem;
  }
}
