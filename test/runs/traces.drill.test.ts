import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { shortFaults } from '../drill/faults.ts';
import { type DrillFiles, runToEnd, writeDrill } from '../drill/run-drill.ts';
import { anyK6 } from '../k6.ts';
import { type HttpTarget, startHttpTarget } from '../load/http-target.ts';
import { startTinyTarget } from '../tiny-target/tiny-target.ts';

const k6 = await anyK6();
const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** A target that fails every tenth request behind a link that is cut for a while: requests that fail there, and some that never arrive. */
async function drillWith(traces: object): Promise<{ files: DrillFiles; target: HttpTarget }> {
  const [target, tiny] = await Promise.all([startHttpTarget(), startTinyTarget()]);
  closing.push(target.close, tiny.stop);
  target.sabotage = { status: ({ nth }) => (nth % 10 === 0 ? 503 : null) };
  const link = { listen: `127.0.0.1:${tiny.linkPort}`, upstream: new URL(target.url).host };
  writeFileSync(path.join(tiny.directory, 'requests.yaml'), 'requests: [GET /health]\n');
  const vars = { RATE: '50', DURATION: '8s', ERRORS: '90%', P95: '30s' };
  const drill = { load: [{ requests: 'requests.yaml', vars }], faults: [shortFaults.refuse] };
  const environment = { traces, components: { link: { provider: 'local', link } } };
  return { files: writeDrill(tiny, drill, environment, k6?.path), target };
}

const idsOf = ({ traceparents }: HttpTarget) => traceparents.map((one) => one.split('-')[1] ?? '');

test.skipIf(k6 === null)(
  'from `traces:` of the environment to a link in each report, for what failed in the target and on the way',
  async () => {
    const url = 'http://traces.test/trace/{traceId}';
    const { files, target } = await drillWith({ url, share: '50%' });
    const { exitCode, verdict, stderr } = await runToEnd(files);
    expect([exitCode, verdict.verdict], `${verdict.reasons.join('\n')}\n${stderr}`).toEqual([0, 'PASS']);
    const arrived = idsOf(target);
    const sent = [...target.requests.values()].reduce((sum, count) => sum + count, 0);
    expect(arrived.length / sent).toBeGreaterThan(0.35);
    expect(arrived.length / sent).toBeLessThan(0.65);

    const { failed = 0, listed = [] } = verdict.traces ?? {};
    expect(failed).toBeGreaterThan(10);
    expect(listed.map(({ url: link }) => link)).toEqual(
      listed.map(({ traceId }) => url.replace('{traceId}', traceId)),
    );
    expect(new Set(listed.map(({ request }) => request))).toEqual(new Set(['GET /health']));
    const inTarget = listed.filter(({ failure }) => failure === 'HTTP 503');
    // One that was cut off under way may have arrived.
    const onTheWay = listed.filter(({ failure }) => failure.includes('refused'));
    expect(inTarget.length).toBeGreaterThan(2);
    expect(onTheWay.length).toBeGreaterThan(2);
    expect(inTarget.filter(({ traceId }) => !arrived.includes(traceId))).toEqual([]);
    expect(onTheWay.filter(({ traceId }) => arrived.includes(traceId))).toEqual([]);
    const [page, text] = ['report.html', 'report.md'].map((name) =>
      readFileSync(path.join(files.out, name), 'utf8'),
    );
    for (const { url: link } of listed) {
      expect(page).toContain(`<a href="${link}" rel="noreferrer">`);
      expect(text).toContain(`](<${link}>)`);
    }
  },
);
