import { z } from 'zod';
import { askGoogle } from './ask.ts';
import type { CloudRunPlace, GoogleSettings, MetricPlace } from './component.ts';

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

const ROLES = 'roles run.viewer and monitoring.viewer have it';

/** The two calls of Google that probes of services and metrics need. */
export function googleCalls(settings: GoogleSettings): GoogleCalls {
  const google = askGoogle(settings);

  async function series(
    filter: string,
    aggregation: Record<string, string>,
    from: number,
    to: number,
    signal: AbortSignal,
  ) {
    const url = new URL(`/v3/projects/${settings.project}/timeSeries`, google.host('monitoring'));
    const query = {
      filter,
      'interval.startTime': new Date(from).toISOString(),
      'interval.endTime': new Date(to).toISOString(),
      ...aggregation,
    };
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
    const question = { schema: seriesAnswer, url, doing: 'monitoring.timeSeries.list', roles: ROLES };
    const found = await google.ask(question, signal);
    return (found?.timeSeries ?? []).flatMap(({ points }) => points.map(toPoint)).sort((a, b) => b.to - a.to);
  }

  return {
    async service({ region, service }, signal) {
      const url = new URL(
        `/v2/projects/${settings.project}/locations/${region}/services/${service}`,
        google.host('run'),
      );
      const question = { schema: serviceAnswer, url, doing: 'run.services.get', roles: ROLES };
      const found = await google.ask(question, signal);
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
