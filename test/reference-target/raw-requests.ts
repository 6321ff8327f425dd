import { readFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { PhaseResult } from '../../orchestrator/verdict.types.ts';

export interface RawRequest {
  readonly start: number;
  readonly end: number;
  readonly durationMs: number;
  readonly failed: boolean;
}

/** All requests of a recording, read the slow and simple way: an opinion of its own to hold the scan against. */
export function rawRequests(directory: string): RawRequest[] {
  const text = gunzipSync(readFileSync(path.join(directory, 'k6', 'samples-0.csv.gz'))).toString('utf8');
  const requests: RawRequest[] = [];
  let duration = 0;
  let blocked = 0;
  for (const line of text.split('\n')) {
    const [metric, time = '', value = ''] = line.split(',', 3);
    if (metric === 'http_req_duration') duration = Number(value);
    else if (metric === 'http_req_blocked') blocked = Number(value);
    else if (metric === 'http_req_failed') {
      const end = Number(time.slice(0, 13)) + Number(time.slice(13)) / 1e6;
      requests.push({
        start: end - duration - blocked,
        end,
        durationMs: duration,
        failed: Number(value) !== 0,
      });
    }
  }
  return requests;
}

export function exactPercentile(values: readonly number[], p: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil((p / 100) * sorted.length) - 1)] ?? Number.NaN;
}

/** Phases whose percentiles are further from the exact ones than 1 %, or one rank at each cut; empty when all is well. */
export function percentileDifferences(
  phases: readonly PhaseResult[],
  requests: readonly RawRequest[],
): string[] {
  return phases.flatMap((phase) => {
    const [from, to] = [Date.parse(phase.from), Date.parse(phase.to)];
    const good = requests
      .filter((r) => !r.failed && r.start >= from && r.start < to)
      .map((r) => r.durationMs);
    if (good.length < MIN_GOOD) return [];
    // Phase bounds are printed to the millisecond: one request more or less at the cuts moves the percentile by one rank.
    const step = 100 / good.length;
    return (
      [
        ['p50', 50],
        ['p95', 95],
      ] as const
    ).flatMap(([name, p]) => {
      const low = exactPercentile(good, Math.max(0, p - step)) * 0.99;
      const high = exactPercentile(good, Math.min(100, p + step)) * 1.01;
      const value = phase[name] ?? Number.NaN;
      return value >= low && value <= high
        ? []
        : [`${phase.name}: ${name} is ${value}, not between ${low.toFixed(2)} and ${high.toFixed(2)} ms`];
    });
  });
}

const MIN_GOOD = 100;
