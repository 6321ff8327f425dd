import { readFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { recordingOf } from '../../orchestrator/samples/recording/recording.ts';
import type { PhaseResult } from '../../orchestrator/verdict.types.ts';

export interface RawRequest {
  readonly start: number;
  readonly end: number;
  readonly durationMs: number;
  readonly failed: boolean;
}

/**
 * All requests of a recording, read the slow and simple way described in decisions/0009: an independent result to compare squall's
 * reader with. Requests that k6 did not write completely are left out.
 */
export function rawRequests(directory: string): RawRequest[] {
  const bytes = gunzipSync(readFileSync(recordingOf(path.join(directory, 'k6'), 0)));
  const requests: RawRequest[] = [];
  let at = bytes.indexOf('\n') + 1;
  /** Nanoseconds since the epoch, too large for a double. */
  let time = 0n;
  const number = (): number => {
    const byte = bytes[at++] as number;
    return byte < 128 ? byte : byte - 128 + 128 * number();
  };
  const signed = () => {
    const value = number();
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  };
  const skipTexts = (count: number) => {
    for (let i = 0; i < count; i++) {
      const length = number();
      at += length;
    }
  };
  const clock = () => {
    number();
    time += BigInt(signed());
  };
  while (at < bytes.length) {
    const end = at + 4 + bytes.readUInt32LE(at);
    at += 4;
    while (at < end) {
      const kind = number();
      if (kind >= 16) {
        if (kind % 2 === 0) clock();
        number();
      } else if (kind === 4 || kind === 5) {
        clock();
        const [blocked = 0, , , sending = 0, waiting = 0, receiving = 0] = Array.from({ length: 6 }, number);
        const durationMs = (signed() + sending + waiting + receiving) / 1e6;
        const endMs = Number(time / 1_000_000n) + Number(time % 1_000_000n) / 1e6;
        const start = endMs - durationMs - blocked / 1e6;
        requests.push({ start, end: endMs, durationMs, failed: kind === 5 });
      } else if (kind === 3) time = BigInt(number()) * 1_000_000n + BigInt(number());
      else if (kind === 6) {
        number();
        clock();
        skipTexts(2);
      } else {
        if (kind === 2 || kind === 8) number();
        skipTexts(1);
      }
    }
  }
  return requests;
}

export function exactPercentile(values: readonly number[], p: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil((p / 100) * sorted.length) - 1)] ?? Number.NaN;
}

/** Phases whose percentiles are further from the exact ones than 1 %, or than their ends are uncertain; empty when all is well. */
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
    // Phase bounds are printed to the millisecond; each request that began within that one moves the percentile by one rank.
    const atCuts = requests.filter(
      ({ start }) => Math.min(Math.abs(start - from), Math.abs(start - to)) <= 1,
    );
    const step = (100 * Math.max(1, atCuts.length)) / good.length;
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
