import { many } from '../../objectives/number-text.ts';
import type { PlannedFile, ScriptSource } from '../types.ts';
import { rateFor } from './drill.ts';
import type { Facts } from './facts.ts';

/** `thresholds/<name>.ts`: the promises, which drills name by `use:`. */
export function thresholdsFile({ name, measurement, bounds, script }: Facts): PlannedFile {
  const shown = (ms: number) => `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms`;
  const seen =
    measurement === null || measurement.asked === 0
      ? ' * Nothing was measured: tighten them after the first runs.'
      : ` * Measured: ${many(measurement.asked, 'request')}, p50 ${shown(measurement.p50Ms)}, p95 ${shown(measurement.p95Ms)}, slowest ${shown(measurement.maxMs)}, ${measurement.failed} failed.\n * The bounds leave head room: tighten them after the first runs.`;
  // A script may send few requests; the load from a file sends enough, unless the system limits how often it is asked.
  const least = script === null ? Math.min(100, rateFor(measurement) * 9) : 5;
  const latency =
    bounds.p95Ms === null
      ? []
      : [
          `  { name: '${name}.latency.p95', percentile: 95, below: '${bounds.p95Ms}ms', minSamples: ${least} },`,
        ];
  const errors = `  { name: '${name}.errors', errors: true, below: '${Math.round(bounds.errors * 1000) / 10}%', minSamples: ${least} },`;
  return {
    file: `thresholds/${name}.ts`,
    text: [
      '/**',
      ` * What ${name} promises while nothing is broken.`,
      seen,
      ' */',
      'export default [',
      ...latency,
      ...(script === null || script.http ? [errors] : promisesOf(script, name)),
      '];',
      '',
    ].join('\n'),
  };
}

/** The name of an objective has no more. */
const MOST_CHARACTERS = 100;

/** Of a script that sends no HTTP: its own metrics, else what k6 counts of its protocol. */
function promisesOf({ rates, other }: ScriptSource, name: string): string[] {
  if (rates.length > 0)
    return rates.map(
      (rate) =>
        `  { name: '${`${name}.${rate}`.slice(0, MOST_CHARACTERS)}', rate: '${rate}', atLeast: '95%', minSamples: 5 },`,
    );
  if (other === 'grpc_req_duration')
    return [
      `  { name: '${name}.latency.p95', percentile: 95, metric: '${other}', below: '5s', minSamples: 5 },`,
    ];
  return [`  { name: '${name}.messages', counter: '${other ?? 'iterations'}', atLeast: 1 },`];
}
