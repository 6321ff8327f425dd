/** How exact the timing of the vocal streams is: 50 singers over ten minutes. SQUALL_QUICK shortens it. */
import path from 'node:path';
import { type Bench, benchOnTarget, quick, run, settings } from './k6-run.ts';
import { HOLD_MS } from './k6-target.ts';
import { type BenchRow, writeSection } from './section.ts';

await benchOnTarget(async (bench) => {
  writeSection(
    'Vocal streams',
    `k6 ${bench.version}.${quick ? ' Shortened (SQUALL_QUICK).' : ''}`,
    await vocal(bench),
  );
});

async function vocal(bench: Bench): Promise<BenchRow[]> {
  const duration = quick ? '20s' : '10m';
  const vars = {
    DURATION: duration,
    TOKEN: 'none',
    METRICS: `target=${bench.url}/metrics`,
    MIN_SAMPLES: '1',
  };
  const result = await run(bench, path.join(bench.bundles, 'vocal-stream.js'), settings(vars));
  const due = result.rows.find(({ objective }) => objective === 'vocal.sent-when-due')?.measured ?? 0;
  const difference = result.trends.vocal_chunk_latency_p99 - result.chunkP99;
  return [
    {
      what: `50 vocal streams over ${duration}: frames sent when due`,
      target: '>= 99.5 %',
      measured: `${(100 * due).toFixed(2)} %`,
      met: due >= 0.995,
    },
    {
      what: `p99 of their chunk latency: k6’s measurement against the server’s own stamps, both from when a chunk was due (the server holds each answer for ${HOLD_MS} ms)`,
      target: 'within 0.5 ms',
      measured: `${difference.toFixed(2)} ms`,
      met: Math.abs(difference) <= 0.5,
    },
  ];
}
