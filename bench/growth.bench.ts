/** How k6's memory grows inside a drill of half an hour. SQUALL_QUICK shortens it. */
import { runDrill } from './drill-run.ts';
import { type Bench, benchOnTarget, HEALTH_ONLY, quick } from './k6-run.ts';
import { type BenchRow, median, writeSection } from './section.ts';

const GROWTH_SECONDS = quick ? 60 : 1800;

await benchOnTarget(async (bench) => {
  const note = `k6 ${bench.version}.${quick ? ' Shortened (SQUALL_QUICK).' : ''}`;
  writeSection('Memory of k6', note, [await growth(bench)]);
});

async function growth(bench: Bench): Promise<BenchRow> {
  const vars = { ...HEALTH_ONLY, DURATION: `${GROWTH_SECONDS}s`, RAMP: '1s', BASE_DURATION: '1s' };
  const { memory } = await runDrill(bench, { scenario: 'spike' }, vars);
  // The first minute (or sixth, of a short run) is for warming up. Each end is as many values.
  const stretch = Math.max(1, Math.min(60, Math.floor(memory.length / 6)));
  const early = median(memory.slice(stretch, 2 * stretch));
  const late = median(memory.slice(-stretch));
  return {
    what: `growth of k6's memory over ${GROWTH_SECONDS / 60} min at 1000 requests a second inside a drill`,
    target: '<= 50 MB',
    measured: `${(late - early).toFixed(0)} MB (${early.toFixed(0)} to ${late.toFixed(0)})`,
    met: late - early <= 50,
  };
}
