import { exportsOf } from '../../../exports-of.ts';
import { codeOf } from '../errors.ts';
import type { ClientParts } from './parts.ts';

export interface Alarm {
  /** OK, ALARM or INSUFFICIENT_DATA. */
  readonly state: string;
  /** When it entered that state. */
  readonly sinceAws: number | undefined;
  readonly reason: string;
}

export interface MetricPlace {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Readonly<Record<string, string>>;
  /** Average, Maximum, p99, … */
  readonly statistic: string;
  readonly periodSeconds: number;
}

/** The value of one period. */
export interface MetricValue {
  /** Its beginning. */
  readonly atAws: number;
  readonly value: number;
}

export interface CloudWatchCalls {
  /** Undefined when there is none of this name. */
  alarm(name: string, signal: AbortSignal): Promise<Alarm | undefined>;
  /** Of the periods between the two, the newest first. */
  values(of: MetricPlace, from: number, to: number, signal: AbortSignal): Promise<readonly MetricValue[]>;
}

/** Loads the client of CloudWatch. */
export async function cloudWatchCalls(parts: ClientParts): Promise<CloudWatchCalls> {
  const sdk = exportsOf(await import('@aws-sdk/client-cloudwatch'));
  const client = new sdk.CloudWatchClient(parts.optionsFor(false));
  parts.watch(client);
  return {
    async alarm(name, signal) {
      try {
        const found = await client.send(
          new sdk.DescribeAlarmsCommand({
            AlarmNames: [name],
            AlarmTypes: ['MetricAlarm', 'CompositeAlarm'],
          }),
          { abortSignal: signal },
        );
        const one = found.MetricAlarms?.[0] ?? found.CompositeAlarms?.[0];
        return (
          one && {
            state: one.StateValue ?? 'unknown',
            // StateUpdatedTimestamp moves with each new reason, too.
            sinceAws: (one.StateTransitionedTimestamp ?? one.StateUpdatedTimestamp)?.getTime(),
            reason: one.StateReason ?? '',
          }
        );
      } catch (cause) {
        if (codeOf(cause) === 'ResourceNotFound') return undefined;
        throw parts.explain(cause, 'cloudwatch:DescribeAlarms');
      }
    },
    async values({ namespace, name, dimensions, statistic, periodSeconds }, from, to, signal) {
      try {
        const found = await client.send(
          new sdk.GetMetricDataCommand({
            StartTime: new Date(from),
            EndTime: new Date(to),
            ScanBy: 'TimestampDescending',
            MetricDataQueries: [
              {
                Id: 'value',
                MetricStat: {
                  Metric: {
                    Namespace: namespace,
                    MetricName: name,
                    Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
                  },
                  Stat: statistic,
                  Period: periodSeconds,
                },
              },
            ],
          }),
          { abortSignal: signal },
        );
        const { Timestamps = [], Values = [] } = found.MetricDataResults?.[0] ?? {};
        return Timestamps.flatMap((time, at) => {
          const value = Values[at];
          return value === undefined || !Number.isFinite(value) ? [] : [{ atAws: time.getTime(), value }];
        });
      } catch (cause) {
        throw parts.explain(cause, 'cloudwatch:GetMetricData');
      }
    },
  };
}
