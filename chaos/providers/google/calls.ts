import { z } from 'zod';
import { deadline } from '../../deadline.ts';
import { exportsOf } from '../../exports-of.ts';
import { type ProviderError, refusedBy } from '../../provider-error.ts';
import type { CloudRunPlace, GoogleSettings, MetricPlace } from './component.ts';
import { proxiedFetch } from './fetch.ts';

export interface CloudRunService {
  /** What was asked for last is being carried out. */
  readonly reconciling: boolean;
  /** CONDITION_SUCCEEDED, CONDITION_FAILED, …, and why. */
  readonly state: string;
  readonly message: string;
  readonly latestReady: string;
  readonly latestCreated: string;
  readonly isObserved: boolean;
  /** Percent by revision. */
  readonly shares: ReadonlyMap<string, number>;
}

/** A value of one period, by Google's clock. */
export interface Point {
  readonly from: number;
  readonly to: number;
  readonly value: number;
}

export interface GoogleCalls {
  /** Undefined when there is none of this name. */
  service(of: CloudRunPlace, signal: AbortSignal): Promise<CloudRunService | undefined>;
  /** Instances of a service, active and idle, by minute; the newest first. */
  instances(of: CloudRunPlace, from: number, to: number, signal: AbortSignal): Promise<readonly Point[]>;
  /** Of the periods between the two, the newest first. */
  values(of: MetricPlace, from: number, to: number, signal: AbortSignal): Promise<readonly Point[]>;
}

const CALL_MS = 10_000;
const int64 = z.coerce.number();
const serviceAnswer = z.object({
  reconciling: z.boolean().default(false),
  generation: int64.default(0),
  observedGeneration: int64.default(0),
  terminalCondition: z
    .object({ state: z.string().default('unknown'), message: z.string().default('') })
    .default({ state: 'unknown', message: '' }),
  latestReadyRevision: z.string().default(''),
  latestCreatedRevision: z.string().default(''),
  trafficStatuses: z
    .array(
      z.object({
        type: z.string().optional(),
        revision: z.string().optional(),
        percent: z.number().default(0),
      }),
    )
    .default([]),
});
const seriesAnswer = z.object({
  timeSeries: z
    .array(
      z.object({
        points: z
          .array(
            z.object({
              interval: z.object({ startTime: z.string().optional(), endTime: z.string() }),
              value: z.object({ int64Value: int64.optional(), doubleValue: z.number().optional() }),
            }),
          )
          .default([]),
      }),
    )
    .default([]),
});

/** The two calls of Google that probes need: the clients of its SDK for them take 53 MB. Credentials by its own library. */
export function googleCalls(settings: GoogleSettings): GoogleCalls {
  const token = tokens(settings);
  const ask = proxiedFetch();
  const host = (name: string) => settings.endpoint ?? `https://${name}.googleapis.com`;

  async function get<Schema extends z.ZodType>(
    schema: Schema,
    url: URL,
    doing: string,
    signal: AbortSignal,
  ): Promise<z.output<Schema> | undefined> {
    const authorization = await token();
    let status: number;
    let text: string;
    try {
      const response = await ask(url, {
        ...(authorization !== undefined && { headers: { authorization } }),
        redirect: 'error',
        signal: deadline(CALL_MS, signal),
      });
      status = response.status;
      text = await response.text();
    } catch (cause) {
      const why =
        cause instanceof Error
          ? ((cause.cause as Error | undefined)?.message ?? cause.message)
          : String(cause);
      throw refuse(
        `cannot ${doing}: ${url.host} cannot be reached (${why})`,
        'see whether Google can be reached from here',
      );
    }
    if (status === 404) return undefined;
    if (status !== 200) throw refusal(doing, status, text, settings);
    try {
      return schema.parse(JSON.parse(text));
    } catch {
      throw refuse(
        `cannot ${doing}: the answer is not one of this API: ${text.slice(0, 100)}`,
        'see what answers in its place',
      );
    }
  }

  async function series(
    filter: string,
    aggregation: Record<string, string>,
    from: number,
    to: number,
    signal: AbortSignal,
  ) {
    const url = new URL(`/v3/projects/${settings.project}/timeSeries`, host('monitoring'));
    const query = {
      filter,
      'interval.startTime': new Date(from).toISOString(),
      'interval.endTime': new Date(to).toISOString(),
      ...aggregation,
    };
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
    const found = await get(seriesAnswer, url, 'monitoring.timeSeries.list', signal);
    return (found?.timeSeries ?? []).flatMap(({ points }) => points.map(toPoint)).sort((a, b) => b.to - a.to);
  }

  return {
    async service({ region, service }, signal) {
      const url = new URL(
        `/v2/projects/${settings.project}/locations/${region}/services/${service}`,
        host('run'),
      );
      const found = await get(serviceAnswer, url, 'run.services.get', signal);
      return (
        found && {
          reconciling: found.reconciling,
          state: found.terminalCondition.state,
          message: found.terminalCondition.message,
          latestReady: lastPart(found.latestReadyRevision),
          latestCreated: lastPart(found.latestCreatedRevision),
          isObserved: found.generation === found.observedGeneration,
          shares: sharesOf(found.trafficStatuses, lastPart(found.latestReadyRevision)),
        }
      );
    },
    instances: ({ region, service }, from, to, signal) =>
      series(
        `metric.type = "run.googleapis.com/container/instance_count" AND resource.labels.service_name = "${service}" AND resource.labels.location = "${region}"`,
        // All revisions and states together, for each minute.
        {
          'aggregation.alignmentPeriod': '60s',
          'aggregation.perSeriesAligner': 'ALIGN_MAX',
          'aggregation.crossSeriesReducer': 'REDUCE_SUM',
        },
        from,
        to,
        signal,
      ),
    values: ({ type, resource, aligner, period }, from, to, signal) =>
      series(
        [
          `metric.type = "${type}"`,
          ...Object.entries(resource).map(
            ([name, value]) => `resource.labels.${name} = ${JSON.stringify(value)}`,
          ),
        ].join(' AND '),
        {
          'aggregation.alignmentPeriod': `${period / 1_000}s`,
          'aggregation.perSeriesAligner': `ALIGN_${aligner}`,
          'aggregation.crossSeriesReducer': /PERCENTILE|MAX/.test(aligner)
            ? 'REDUCE_MAX'
            : REDUCERS[aligner as 'MEAN'],
        },
        from,
        to,
        signal,
      ),
  };
}

const REDUCERS = { MEAN: 'REDUCE_MEAN', MIN: 'REDUCE_MIN', SUM: 'REDUCE_SUM', RATE: 'REDUCE_SUM' } as const;

function sharesOf(
  statuses: z.output<typeof serviceAnswer>['trafficStatuses'],
  latestReady: string,
): ReadonlyMap<string, number> {
  const shares = new Map<string, number>();
  for (const { type, revision, percent } of statuses) {
    const name = type === 'TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST' ? latestReady : lastPart(revision ?? '');
    shares.set(name, (shares.get(name) ?? 0) + percent);
  }
  return shares;
}

function toPoint({
  interval,
  value,
}: z.output<typeof seriesAnswer>['timeSeries'][number]['points'][number]): Point {
  const to = Date.parse(interval.endTime);
  return {
    to,
    from: Date.parse(interval.startTime ?? interval.endTime),
    value: value.int64Value ?? value.doubleValue ?? Number.NaN,
  };
}

const lastPart = (name: string) => name.split('/').at(-1) ?? name;

/** The ordinary chain of Google's own library (gcloud, service accounts, workload identity); none for an endpoint of a test. */
function tokens({ endpoint }: GoogleSettings): () => Promise<string | undefined> {
  let client: Promise<{ getAccessToken(): Promise<string | null | undefined> }> | undefined;
  return async () => {
    if (endpoint !== undefined) return undefined;
    try {
      client ??= import('google-auth-library')
        .then(exportsOf)
        .then(
          ({ GoogleAuth }) =>
            new GoogleAuth({ scopes: 'https://www.googleapis.com/auth/cloud-platform.read-only' }),
        );
      return `Bearer ${await (await client).getAccessToken()}`;
    } catch (cause) {
      client = undefined;
      throw refuse(
        `there are no usable credentials (${(cause as Error).message})`,
        'log in: gcloud auth application-default login',
      );
    }
  };
}

const errorAnswer = z.object({ error: z.object({ message: z.string(), status: z.string().optional() }) });

function refusal(doing: string, status: number, text: string, { project }: GoogleSettings): ProviderError {
  let words = text.slice(0, 300);
  try {
    words = errorAnswer.parse(JSON.parse(text)).error.message;
  } catch {
    // Of something between Google and here, perhaps: its text is the message.
  }
  const fix =
    status === 401 || status === 403
      ? `log in again, or grant ${doing} in project ${project} (roles run.viewer and monitoring.viewer have it)`
      : `see what Google says about HTTP ${status}`;
  return refuse(`cannot ${doing}: HTTP ${status}: ${words}`, fix);
}

export function refuse(text: string, fix: string): ProviderError {
  return refusedBy('google', text, fix);
}
