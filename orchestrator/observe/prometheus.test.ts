import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, test, vi } from 'vitest';
import which from 'which';
import { slo } from '../../chaos/schema/slo.ts';
import { freePorts } from '../../test/free-port.ts';
import { promisedShare } from '../objectives/budget/promised-share.ts';
import { createHttpClient } from './http-client.ts';
import { readBudgets } from './read-budgets.ts';

const http = createHttpClient({}, {});
afterAll(() => http.close());

const objective = { name: 'a', availability: true, atLeast: '99.9%', window: '3d' } as const;
const settings = (prometheus: string, events: object) =>
  slo.parse({ prometheus, objectives: { a: { ...events, atLeast: '99.9%' } } });
const BAD = 'sum(rate(http_requests_total{code=~"5.."}[$window]))';
const TOTAL = 'sum(rate(http_requests_total[$window]))';

async function budgetOf(prometheus: string, events: object, nowMs = Date.now()) {
  const all = settings(prometheus, events);
  const promised = promisedShare(objective);
  if (promised === null) throw new Error('an availability is a share');
  const asked = Object.entries(all.objectives).map(([name, own]) => ({ name, promised, events: own }));
  const [only] = await readBudgets(all, asked, http, nowMs);
  return only;
}

describe.skipIf(['prometheus', 'promtool'].some((name) => which.sync(name, { nothrow: true }) === null))(
  'a real Prometheus with three days of the past',
  () => {
    const directory = mkdtempSync(path.join(tmpdir(), 'squall-prometheus-'));
    const end = Math.floor(Date.now() / 60_000) * 60_000;
    const ended: (() => Promise<void>)[] = [];
    afterAll(async () => {
      for (const end of ended) await end();
      rmSync(directory, { recursive: true });
    });

    test('says what is spent, how fast it burns, and when it will be spent', async () => {
      const url = await start();
      // 100 requests a minute; one in 1000 failed until an hour ago, since then 2 in 100.
      const found = await budgetOf(url, { bad: BAD, total: TOTAL }, end);
      expect(found?.problem).toBeNull();
      // 71 h at 1x and 1 h at 20x are 91 of 72.
      expect(found?.state?.consumed).toBeCloseTo(91 / 72, 1);
      expect(found?.state?.known).toBeGreaterThan(0.97);
      expect(found?.state?.freeze).toBe(true);
      expect(found?.state?.burnRates['1h']).toBeCloseTo(20, 0);
      expect(found?.state?.burnRates['5m']).toBeCloseTo(20, 0);
      expect(found?.state?.alerts.map(({ firing }) => firing)).toEqual([true, false, true]);

      // What was good says the same, and a day before nobody was woken.
      const byGood = await budgetOf(
        url,
        { good: TOTAL.replace('total[', 'total{code="200"}['), total: TOTAL },
        end,
      );
      expect(byGood?.state?.consumed).toBeCloseTo(found?.state?.consumed ?? 0, 6);
      // No series of failures: nothing failed. No series at all: nothing is known.
      const none = await budgetOf(url, { bad: BAD.replace('5..', '7..'), total: TOTAL }, end);
      expect(none?.state).toMatchObject({ consumed: 0, freeze: false });
      const unknown = await budgetOf(url, { bad: BAD, total: TOTAL.replace('http_', 'no_') }, end);
      expect(unknown).toMatchObject({ state: null, problem: 'Prometheus has no event of it in the last 3d' });
      const broken = await budgetOf(url, { bad: 'sum(rate(x[$window])', total: TOTAL }, end);
      expect(broken?.problem).toMatch(/Prometheus refused the query .*parse error/);
      const many = await budgetOf(url, { bad: BAD, total: TOTAL.replace('sum', '') }, end);
      expect(many?.problem).toMatch(/has 2 series where one is needed/);
    }, 60_000);

    /** Blocks of the past, made by promtool from OpenMetrics text, and a server over them. */
    async function start(): Promise<string> {
      const [good, bad] = [0, 1].map((failed) => series(failed === 1));
      const text = ['# TYPE http_requests counter', ...(good ?? []), ...(bad ?? []), '# EOF', ''].join('\n');
      const [metrics, data] = [path.join(directory, 'past.txt'), path.join(directory, 'data')];
      writeFileSync(metrics, text);
      execFileSync('promtool', ['tsdb', 'create-blocks-from', 'openmetrics', metrics, data]);
      const config = path.join(directory, 'prometheus.yml');
      writeFileSync(config, 'scrape_configs: []\n');
      const [port] = await freePorts(1);
      const address = `127.0.0.1:${port}`;
      const server = spawn(
        'prometheus',
        [`--config.file=${config}`, `--storage.tsdb.path=${data}`, `--web.listen-address=${address}`],
        { stdio: 'ignore' },
      );
      ended.push(async () => {
        server.kill('SIGKILL');
        await once(server, 'exit');
      });
      const isReady = async () =>
        (await fetch(`http://${address}/-/ready`).catch(() => null))?.status === 200;
      await vi.waitUntil(isReady, { timeout: 40_000, interval: 100 });
      return `http://${address}`;
    }

    /** A sample each ten minutes, and each minute of the last seven hours. */
    function series(isBad: boolean): string[] {
      const lines: string[] = [];
      let count = 0;
      const start = end - 73 * 3_600_000;
      for (let at = start; at <= end; at += 60_000) {
        const share = at > end - 3_600_000 ? 0.02 : 0.001;
        count += 100 * (isBad ? share : 1 - share);
        const recent = at > end - 7 * 3_600_000;
        if (recent || (at - start) % 600_000 === 0)
          lines.push(`http_requests_total{code="${isBad ? 500 : 200}"} ${count} ${at / 1000}`);
      }
      return lines;
    }
  },
);

describe('a server that is no Prometheus (a stand-in: such answers cannot be asked of a real one)', () => {
  test.each([
    ['HTML', 200, '<html>login</html>', /did not answer like Prometheus \(HTTP 200\)/],
    ['an error page', 502, 'bad gateway', /did not answer like Prometheus \(HTTP 502\)/],
    [
      'another API',
      200,
      '{"status":"success","data":{"resultType":"vector","result":[]}}',
      /did not answer like/,
    ],
    ['values that are none', 200, matrix('NaN'), /has no event/],
  ])('%s is no budget that is whole', async (_, status, body, problem) => {
    const server = createServer((_request, response) => response.writeHead(status).end(body)).listen(
      0,
      '127.0.0.1',
    );
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    try {
      const found = await budgetOf(`http://127.0.0.1:${port}`, { bad: BAD, total: TOTAL });
      expect(found).toMatchObject({ state: null, problem: expect.stringMatching(problem) });
    } finally {
      server.close();
    }
  });

  test('nobody there is no budget that is whole', async () => {
    const found = await budgetOf(`http://127.0.0.1:${(await freePorts(1))[0]}`, { bad: BAD, total: TOTAL });
    expect(found).toMatchObject({ state: null, problem: expect.stringContaining('refused the connection') });
  });
});

function matrix(value: string): string {
  const values = [[Math.floor(Date.now() / 1000), value]];
  return JSON.stringify({
    status: 'success',
    data: { resultType: 'matrix', result: [{ metric: {}, values }] },
  });
}
