import { z } from 'zod';
import type { ClientParts } from '../calls/parts.ts';

/**
 * The eight calls of FIS that squall makes, signed by the SDK's own signer. The registry's client for FIS is of 2024 and brings 70 MB of
 * an older SDK; this needs nothing that is not there already.
 */
export interface FisCalls {
  /** @throws ProviderError; the id of the template that this token made, also when it has been asked before */
  createTemplate(template: object, signal: AbortSignal): Promise<string>;
  deleteTemplate(id: string, signal: AbortSignal): Promise<void>;
  /** An order: sent once. Errors are AWS's own. */
  start(
    order: { readonly template: string; readonly token: string; readonly tags: Tags },
    signal: AbortSignal,
  ): Promise<Experiment>;
  experiment(id: string, signal: AbortSignal): Promise<Experiment>;
  stop(id: string, signal: AbortSignal): Promise<void>;
  experiments(signal: AbortSignal): Promise<readonly Experiment[]>;
  templates(signal: AbortSignal): Promise<readonly Template[]>;
  /** While it is engaged, nobody in the account and region can start an experiment. */
  safetyLever(signal: AbortSignal): Promise<{ readonly status: string; readonly reason: string | undefined }>;
}

export type Tags = Readonly<Record<string, string>>;
export interface Template {
  readonly id: string;
  readonly tags: Tags;
}

const state = z.object({ status: z.string(), reason: z.string().optional() });
/** Seconds since 1970. */
const time = z.number().optional();
const experiment = z.object({
  id: z.string(),
  state,
  tags: z.record(z.string(), z.string()).default({}),
  actions: z.record(z.string(), z.object({ state, startTime: time, endTime: time })).default({}),
  startTime: time,
  endTime: time,
});
export type Experiment = z.output<typeof experiment>;
const template = z.object({ id: z.string(), tags: z.record(z.string(), z.string()).default({}) });
const lever = z.object({ safetyLever: z.object({ state }) });

const PAGES = 20;

export async function fisCalls(parts: ClientParts): Promise<FisCalls> {
  const request = await parts.signedRequests('fis');
  const call = async <Schema extends z.ZodType>(
    schema: Schema,
    action: string,
    method: string,
    path: string,
    signal: AbortSignal,
    body?: object,
  ): Promise<z.output<Schema>> => {
    try {
      return schema.parse(await request({ method, path, body, signal }));
    } catch (cause) {
      throw parts.explain(cause, `fis:${action}`);
    }
  };
  return {
    async createTemplate(body, signal) {
      const schema = z.object({ experimentTemplate: template });
      const made = await call(
        schema,
        'CreateExperimentTemplate',
        'POST',
        '/experimentTemplates',
        signal,
        body,
      );
      return made.experimentTemplate.id;
    },
    async deleteTemplate(id, signal) {
      await call(z.unknown(), 'DeleteExperimentTemplate', 'DELETE', `/experimentTemplates/${id}`, signal);
    },
    async start({ template: experimentTemplateId, token: clientToken, tags }, signal) {
      const body = { experimentTemplateId, clientToken, tags };
      const started = await request({ method: 'POST', path: '/experiments', body, isOrder: true, signal });
      return z.object({ experiment }).parse(started).experiment;
    },
    async experiment(id, signal) {
      const schema = z.object({ experiment });
      return (await call(schema, 'GetExperiment', 'GET', `/experiments/${id}`, signal)).experiment;
    },
    async stop(id, signal) {
      await call(z.unknown(), 'StopExperiment', 'DELETE', `/experiments/${id}`, signal);
    },
    experiments: (signal) =>
      every(async (next) => {
        const schema = z.object({ experiments: z.array(experiment), nextToken: z.string().nullish() });
        const page = await call(schema, 'ListExperiments', 'GET', `/experiments${next}`, signal);
        return { items: page.experiments, next: page.nextToken };
      }),
    templates: (signal) =>
      every(async (next) => {
        const schema = z.object({ experimentTemplates: z.array(template), nextToken: z.string().nullish() });
        const page = await call(
          schema,
          'ListExperimentTemplates',
          'GET',
          `/experimentTemplates${next}`,
          signal,
        );
        return { items: page.experimentTemplates, next: page.nextToken };
      }),
    async safetyLever(signal) {
      const found = await call(lever, 'GetSafetyLever', 'GET', '/safetyLevers/default', signal);
      const { status, reason } = found.safetyLever.state;
      return { status, reason };
    },
  };
}

async function every<T>(
  page: (query: string) => Promise<{ items: readonly T[]; next: string | null | undefined }>,
): Promise<T[]> {
  const all: T[] = [];
  let query = '?maxResults=100';
  for (let pages = 0; pages < PAGES; pages += 1) {
    const { items, next } = await page(query);
    all.push(...items);
    if (next === null || next === undefined || next === '') break;
    query = `?maxResults=100&nextToken=${encodeURIComponent(next)}`;
  }
  return all;
}
