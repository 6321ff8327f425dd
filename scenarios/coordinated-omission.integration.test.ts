import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import { afterAll, expect, test } from 'vitest';
import { anyK6 } from '../test/k6.ts';
import { startHttpTarget } from '../test/load/http-target.ts';
import { buildForTest } from '../test/load/run-bundle.ts';

const k6 = await anyK6();
const bundles = await buildForTest();
afterAll(() => bundles.remove());

const RATE = 50;
const FROZEN_MS = 1000;

test.skipIf(k6 === null)(
  'a generator that stalls for a second: latency counts from when each request was due',
  async () => {
    const directory = mkdtempSync(path.join(os.tmpdir(), 'squall-due-'));
    const target = await startHttpTarget();
    const csv = path.join(directory, 'samples.csv');
    const vars = {
      BASE_URL: target.url,
      RATE_FROM: RATE,
      RATE_MAX: RATE,
      STEP: '4s',
      REST: '10ms',
      AT_LEAST: 1,
    };
    const running = execa(
      k6?.path ?? '',
      [
        'run',
        '--quiet',
        '--out',
        `csv=${csv}`,
        ...Object.entries({ ...vars, LATE: '100%', P95: '10s', P99: '10s' }).flatMap(([name, value]) => [
          '-e',
          `${name}=${value}`,
        ]),
        bundles.bundle('breakpoint'),
      ],
      { reject: false, timeout: 60_000, env: { K6_AUTO_EXTENSION_RESOLUTION: 'false' } },
    );
    try {
      target.sabotage = {
        delayMs: ({ nth }) => {
          if (nth === RATE) void freeze(running.pid as number);
          return 0;
        },
      };
      await running;
      const values = (metric: string) =>
        readFileSync(csv, 'utf8')
          .split('\n')
          .filter((line) => line.startsWith(`${metric},`))
          .map((line) => Number(line.split(',')[2]));
      const long = (all: readonly number[]) => all.filter((ms) => ms > FROZEN_MS / 2).length;
      expect(values('breakpoint_latency')).toHaveLength(4 * RATE);
      // Half of what was due in that second waited longer than half a second; the test's own clock times the freeze.
      expect(long(values('breakpoint_latency'))).toBeGreaterThanOrEqual(RATE / 2 - 3);
      expect(Math.max(...values('breakpoint_latency'))).toBeGreaterThanOrEqual(FROZEN_MS - 100);
      // k6's own measurement counts from the send and misses it, except for the few requests that were under way.
      expect(long(values('http_req_duration'))).toBeLessThanOrEqual(3);
    } finally {
      running.kill('SIGKILL');
      await target.close();
      rmSync(directory, { recursive: true, force: true });
    }
  },
);

async function freeze(pid: number): Promise<void> {
  process.kill(pid, 'SIGSTOP');
  await sleep(FROZEN_MS);
  process.kill(pid, 'SIGCONT');
}
