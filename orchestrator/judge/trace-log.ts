import { FAILED_TRACES_COUNTER, TRACE_ID_KEY } from '../../thresholds/k6-names.ts';
import { iso } from '../objectives/number-text.ts';
import { parsePairs, type TagSet } from '../samples/recording/tag-sets.ts';
import type { FailedTrace, Verdict } from '../verdict.types.ts';
import { failureKind } from './outages/baseline.ts';

/** Failed requests that were sent with the id of a trace. */
export interface TraceLog {
  /** The metrics that say so. */
  readonly names: ReadonlySet<string>;
  /** @param value 0 of `http_req_failed`: it did not fail */
  sample(tags: TagSet, time: number, value: number, metadata: string): void;
  readonly failed: number;
  readonly listed: readonly Omit<FailedTrace, 'url'>[];
}

/** For each request name and way to fail. */
const MOST_OF_A_KIND = 5;
/** In all: a page of more is not read. */
const MOST = 200;
/** As in W3C Trace Context, or shorter as in Jaeger's own headers. A script may write anything there. */
const TRACE_ID = /^[\da-f]{16,32}$/;

/** `all`: also of scripts that put the id on each sample of a request, as Grafana's instrumentation does. */
export function createTraceLog(all: boolean): TraceLog {
  const counts = new Map<string, number>();
  const listed: Omit<FailedTrace, 'url'>[] = [];
  let failed = 0;
  return {
    names: new Set([FAILED_TRACES_COUNTER, ...(all ? ['http_req_failed'] : [])]),
    sample({ tags }, time, value, metadata) {
      const traceId = parsePairs(metadata)[TRACE_ID_KEY];
      if (value === 0 || traceId === undefined || !TRACE_ID.test(traceId)) return;
      failed += 1;
      const { name: request = '(no name)' } = tags;
      const failure = tags.error || failureKind(tags);
      const kind = `${request} ${failure}`;
      const known = counts.get(kind) ?? 0;
      if (known >= MOST_OF_A_KIND || listed.length >= MOST) return;
      counts.set(kind, known + 1);
      listed.push({ at: iso(time), request, failure, traceId });
    },
    get failed() {
      return failed;
    },
    listed,
  };
}

/** For the verdict; nothing where there was none. @param url with `{traceId}` in it; undefined: nobody says where they are */
export function tracesIn({ failed, listed }: TraceLog, url: string | undefined): Pick<Verdict, 'traces'> {
  if (failed === 0) return {};
  const inOrder = [...listed].sort((a, b) => (a.at < b.at ? -1 : 1));
  return {
    traces: {
      failed,
      listed: inOrder.map((one) => ({ ...one, url: url?.replaceAll('{traceId}', one.traceId) ?? null })),
    },
  };
}
