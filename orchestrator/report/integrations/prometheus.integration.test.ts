import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { execa } from 'execa';
import { afterAll, describe, expect, test } from 'vitest';
import { integrations } from '../../../chaos/schema/integrations.ts';
import { freePorts } from '../../../test/free-port.ts';
import { sleep } from '../../clock.ts';
import { onPath } from '../../tools/on-path.ts';
import { realisticRun } from '../fixtures/realistic.ts';
import { metricsText } from './prometheus.ts';
import { tell } from './tell.ts';

const promtool = await onPath('promtool');
const prometheus = await onPath('prometheus');
const pushgateway = await onPath('prometheus-pushgateway');

const directory = mkdtempSync(path.join(os.tmpdir(), 'squall-prometheus-'));
const closing: (() => Promise<unknown>)[] = [];
afterAll(async () => {
  await Promise.all(closing.map((close) => close()));
  rmSync(directory, { recursive: true, force: true });
});

test.skipIf(promtool === null).each(['PASS', 'FAIL', 'INVALID'] as const)(
  'promtool finds nothing to say about the metrics of a run that ends in %s',
  async (outcome) => {
    const { verdict } = realisticRun(outcome).judgement;
    const input = metricsText(verdict, '1.2.3', { job: 'squall', drill: 'a"b\\c\nd' });
    const { exitCode, all } = await execa(String(promtool), ['check', 'metrics'], {
      input,
      all: true,
      reject: false,
    });
    expect({ exitCode, all }).toEqual({ exitCode: 0, all: '' });
  },
);

test('for node_exporter a file is replaced as a whole', async () => {
  const { verdict } = realisticRun('PASS').judgement;
  const settings = integrations.parse({ prometheus: { textfile: directory } });
  const told = await tell({
    integrations: settings,
    told: { verdict, squall: '1.2.3' },
    redact: (text) => text,
  });
  expect(told).toMatchObject([{ name: 'prometheus', problem: null, sent: 1, of: 1 }]);
  expect(readFileSync(path.join(directory, 'squall-local-spike.prom'), 'utf8')).toContain(
    'squall_run_verdict{job="squall",drill="spike",environment="local",verdict="PASS"} 1\n',
  );
});

describe.skipIf(prometheus === null || pushgateway === null)(
  'a real Pushgateway and a real Prometheus',
  () => {
    test('take the metrics of a run, and answer every question of the dashboard', {
      timeout: 90_000,
    }, async () => {
      const gateway = await start(String(pushgateway), (port) => [`--web.listen-address=127.0.0.1:${port}`]);
      const config = path.join(directory, 'prometheus.yml');
      writeFileSync(
        config,
        `scrape_configs:\n  - { job_name: gateway, honor_labels: true, scrape_interval: 1s, static_configs: [{ targets: ['${new URL(gateway).host}'] }] }\n`,
      );
      const server = await start(String(prometheus), (port) => [
        `--config.file=${config}`,
        `--storage.tsdb.path=${path.join(directory, 'data')}`,
        `--web.listen-address=127.0.0.1:${port}`,
      ]);
      const settings = integrations.parse({ prometheus: { pushgateway: gateway } });
      for (const outcome of ['INVALID', 'FAIL'] as const) {
        const { verdict } = realisticRun(outcome).judgement;
        const told = await tell({
          integrations: settings,
          told: { verdict, squall: '1.2.3' },
          redact: (text) => text,
        });
        expect(told).toMatchObject([{ name: 'prometheus', problem: null, sent: 1, of: 1 }]);
      }
      await until(async () => (await query(server, 'squall_run_verdict{verdict="FAIL"} == 1')).length === 1);
      expect(await query(server, 'squall_run_verdict == 1')).toMatchObject([
        { metric: { job: 'squall', drill: 'spike', environment: 'local', verdict: 'FAIL' } },
      ]);
      // The run before is gone, with what only it had.
      expect(await query(server, 'squall_run_info')).toHaveLength(1);
      const empty: string[] = [];
      for (const expr of dashboardQueries()) if ((await query(server, expr)).length === 0) empty.push(expr);
      expect(empty).toEqual([]);
    });
  },
);

/** Every expression of the dashboard that ships, its variables filled in. */
function dashboardQueries(): string[] {
  const dashboard = JSON.parse(readFileSync(path.resolve('docs/grafana-dashboard.json'), 'utf8')) as {
    panels: { targets: { expr: string }[] }[];
  };
  return dashboard.panels
    .flatMap(({ targets }) => targets.map(({ expr }) => expr))
    .map((expr) => expr.replaceAll('$drill', 'spike').replaceAll('$environment', '.*'));
}

/** A program that listens on a port of its own. */
async function start(program: string, args: (port: number) => string[]): Promise<string> {
  const [port = 0] = await freePorts(1);
  const running = execa(program, args(port), { cwd: directory, reject: false, all: true });
  closing.push(async () => {
    running.kill('SIGKILL');
    await running;
  });
  const url = `http://127.0.0.1:${port}`;
  await until(() => fetch(`${url}/-/ready`).then((answer) => answer.ok));
  return url;
}

async function query(server: string, expr: string): Promise<{ metric: Record<string, string> }[]> {
  const answer = await fetch(`${server}/api/v1/query?query=${encodeURIComponent(expr)}`);
  const { status, data, error } = (await answer.json()) as {
    status: string;
    error?: string;
    data: { result: { metric: Record<string, string> }[] };
  };
  if (status !== 'success') throw new Error(`${expr}: ${error}`);
  return data.result;
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 400; tries += 1) {
    if (await condition().catch(() => false)) return;
    await sleep(100);
  }
  throw new Error('it did not come in time');
}
