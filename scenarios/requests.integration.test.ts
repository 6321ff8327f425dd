import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import { k6OfEachMajor } from '../test/k6.ts';
import { type HttpTarget, startHttpTarget } from '../test/load/http-target.ts';
import { buildForTest, runBundle } from '../test/load/run-bundle.ts';

const majors = await k6OfEachMajor();
const bundles = await buildForTest();
const folder = mkdtempSync(path.join(os.tmpdir(), 'squall-requests-'));
afterAll(() => {
  bundles.remove();
  rmSync(folder, { recursive: true });
});

let target: HttpTarget;
beforeEach(async () => {
  target = await startHttpTarget();
});
afterEach(() => target.close());

// biome-ignore-start lint/suspicious/noTemplateCurlyInString: filled in by k6
const file = {
  auth: { bearer: '${TOKEN}' },
  requests: [
    { path: '/health?deep=1', weight: 3 },
    { path: '/nowhere', expect: { status: 404 } },
    {
      method: 'POST',
      path: '/api/projects',
      body: { name: '${unique}' },
      headers: { 'idempotency-key': '${unique}' },
    },
  ],
};
// biome-ignore-end lint/suspicious/noTemplateCurlyInString: filled in by k6

/** Half of the requests have a `traceparent`, and those of them that failed are in the samples with its id. */
function expectTraces(csv: readonly string[], { traceparents, requests }: HttpTarget): void {
  const ids = traceparents.map((one) => /^00-([\da-f]{32})-[\da-f]{16}-01$/.exec(one)?.[1]);
  expect(new Set(ids).size).toBe(traceparents.length);
  const sent = [...requests.values()].reduce((sum, count) => sum + count, 0);
  expect(ids.length / sent).toBeGreaterThan(0.3);
  expect(ids.length / sent).toBeLessThan(0.7);
  const noted = csv.filter((line) => line.startsWith('squall_failed_traces,'));
  for (const line of noted) expect(line).toMatch(/,GET \/health,.*,200,/);
  const failed = noted.map((line) => /trace_id=([\da-f]{32})$/.exec(line)?.[1]);
  expect(failed.length).toBeGreaterThan(10);
  expect(failed.filter((one) => !ids.includes(one))).toEqual([]);
  // Those that were expected are not among them.
  expect(failed.length).toBeLessThan(ids.length);
  expect(csv.filter((line) => line.includes('trace_id=') && !noted.includes(line))).toEqual([]);
}

describe.each(majors)('k6 $major', ({ k6 }) => {
  const run = (vars: Record<string, string | number>) =>
    runBundle({
      k6: k6?.path ?? '',
      script: bundles.bundle('requests'),
      vars: { RATE: 50, DURATION: '3s', MIN_SAMPLES: 50, BASE_URL: target.url, ...vars },
    });

  test.skipIf(k6 === null)('sends each request of a file as often as its weight says', async () => {
    target.sabotage = { status: ({ url }) => (url === '/nowhere' ? 404 : null) };
    const at = path.join(folder, 'requests.json');
    writeFileSync(at, JSON.stringify(file));
    const { exitCode, rows, stderr } = await run({ REQUESTS: at, TOKEN: 'good' });
    expect([exitCode, stderr]).toEqual([0, '']);
    expect(rows.map(({ objective, result }) => `${objective} ${result}`)).toEqual([
      'requests.latency.p95 PASS',
      'requests.errors PASS',
      'generator.dropped-iterations PASS',
    ]);
    const total = [...target.requests.values()].reduce((sum, count) => sum + count, 0);
    expect(total).toBeGreaterThan(100);
    const share = (name: string) => (target.requests.get(name) ?? 0) / total;
    expect(share('GET /health?deep=1')).toBeCloseTo(0.6, 1.5);
    expect(share('GET /nowhere')).toBeCloseTo(0.2, 1.5);
    expect(share('POST /api/projects')).toBeCloseTo(0.2, 1.5);
    // Each write had a body and a key of its own.
    expect(new Set(target.acknowledged).size).toBe(target.acknowledged.length);
  });

  test.skipIf(k6 === null)(
    'a status that is not expected fails, and nothing is sent without a setting',
    async () => {
      const text = JSON.stringify({
        requests: [{ path: '/health', expect: { status: 404 } }, 'GET /health'],
      });
      const failed = await run({ REQUESTS: text, DURATION: '2s', TRACES: '50%' });
      expect(failed.rows[1]).toMatchObject({ objective: 'requests.errors', result: 'FAIL' });
      expectTraces(failed.csv, target);
      const sent = target.requests.size;
      const refused = await run({ REQUESTS: JSON.stringify(file) });
      // biome-ignore lint/suspicious/noTemplateCurlyInString: the message
      expect(refused.stderr).toContain('REQUESTS: ${TOKEN}: there is no setting TOKEN');
      expect([refused.exitCode, target.requests.size]).toEqual([107, sent]);
    },
  );
});
