import { afterAll, describe, expect, test as plain, vi } from 'vitest';
import { freePorts } from '../test/free-port.ts';
import { anyK6, k6OfEachMajor } from '../test/k6.ts';
import { brokenSpikes } from '../test/load/broken-spike.ts';
import { type HttpTarget, startHttpTarget } from '../test/load/http-target.ts';
import { buildForTest, runBundle, withResult } from '../test/load/run-bundle.ts';

const majors = await k6OfEachMajor();
const any = (await anyK6())?.path ?? null;
const bundles = await buildForTest();
afterAll(() => bundles.remove());

// They mostly wait, and each has a target of its own.
vi.setConfig({ maxConcurrency: 2 });
const test = plain.extend<{ target: HttpTarget }>({
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads which fixtures it needs
  target: async ({}, use) => {
    const target = await startHttpTarget();
    await use(target);
    await target.close();
  },
});

/** A light load for the machine, with correspondingly fewer samples required. */
const short = {
  RATE: 100,
  BASE_RATE: 100,
  RAMP: '0s',
  BASE_DURATION: '0s',
  DURATION: '4s',
  WRITE_SHARE: '10%',
  MIN_SAMPLES: 100,
};

describe.concurrent('the spike', () => {
  describe.each(majors)('k6 $major', ({ k6 }) => {
    test.skipIf(k6 === null)('a healthy target meets every objective', { retry: 2 }, async ({ target }) => {
      const run = await runBundle({
        k6: k6?.path ?? '',
        script: bundles.bundle('spike'),
        vars: { ...short, BASE_URL: target.url },
      });
      expect({
        exit: run.exitCode,
        rows: run.rows.map((r) => `${r.objective} ${r.result}`),
        err: run.stderr,
      }).toEqual({
        exit: 0,
        rows: [
          'gateway.latency.p50 PASS',
          'gateway.latency.p95 PASS',
          'gateway.latency.p99 PASS',
          'gateway.errors PASS',
          'gateway.availability PASS',
          'generator.dropped-iterations PASS',
          'gateway.throughput not measured',
        ],
        err: '',
      });
      expect(run.stdout).toMatch(/gateway\.latency\.p95 +p95 < 100ms +[\d.]+ms +3\d\d +PASS/);
    });

    test.skipIf(k6 === null)(
      'the id of every acknowledged write, and of no other, is in the samples',
      async ({ target }) => {
        // Every seventh write fails at first and is tried again with the same key; it counts once.
        target.sabotage = {
          status: ({ method, url, nth }) =>
            method === 'POST' && url === '/api/projects' && nth % 7 === 0 ? 503 : null,
        };
        const run = await runBundle({
          k6: k6?.path ?? '',
          script: bundles.bundle('spike'),
          vars: { ...short, BASE_URL: target.url },
        });
        const column = run.csv[0]?.split(',').indexOf('metadata') ?? -1;
        const ids = run.csv
          .filter((line) => line.startsWith('squall_writes_acknowledged,'))
          .map((line) => line.split(',')[column]?.replace(/^squall_write=/, ''));
        expect(ids.length).toBeGreaterThan(20);
        expect([...ids].sort()).toEqual([...target.acknowledged].sort());
        expect(new Set(ids).size).toBe(ids.length);
        const elsewhere = run.csv.filter(
          (line) => line.includes('squall_write=') && !line.startsWith('squall_writes_'),
        );
        expect(elsewhere).toEqual([]);
      },
    );

    test.skipIf(k6 === null)('refused connections pass nothing', async () => {
      const [port] = await freePorts(1);
      const run = await runBundle({
        k6: k6?.path ?? '',
        script: bundles.bundle('spike'),
        vars: { ...short, RATE: 20, BASE_RATE: 20, BASE_URL: `http://127.0.0.1:${port}` },
      });
      expect(run.exitCode).toBe(99);
      expect(withResult(run, 'PASS')).toEqual(['generator.dropped-iterations']);
      expect(run.stderr).toContain('is the target up (-e BASE_URL=…)?');
    });
  });

  test.skipIf(any === null)('a session that cannot be compared proves nothing', async ({ target }) => {
    target.sabotage = { status: ({ url, nth }) => (url === '/api/session' && nth === 1 ? 503 : null) };
    const run = await runBundle({
      k6: any ?? '',
      script: bundles.bundle('spike'),
      vars: { ...short, SESSION_SHARE: '40%', BASE_URL: target.url },
    });
    expect(run.exitCode).toBe(99);
    expect(withResult(run, 'INVALID')).toContain('redis.failover.sessions-lost');
  });

  describe('each objective can be missed, and then exactly that one turns red', () => {
    test.skipIf(any === null).for(brokenSpikes)(
      '$title',
      { retry: 2 },
      async ({ sabotage, vars, red }, { target }) => {
        target.sabotage = sabotage;
        const run = await runBundle({
          k6: any ?? '',
          script: bundles.bundle('spike'),
          vars: { ...short, ...vars, BASE_URL: target.url },
        });
        expect(run.exitCode).toBe(99);
        expect(withResult(run, 'FAIL').sort()).toEqual([...red].sort());
      },
    );
  });

  test.skipIf(any === null)(
    'a bad setting stops k6 before the first request, and says which',
    async ({ target }) => {
      const run = await runBundle({
        k6: any ?? '',
        script: bundles.bundle('spike'),
        vars: { BASE_URL: target.url, RATE: 'fast' },
      });
      expect(run.exitCode).not.toBe(0);
      expect(run.stderr).toContain(
        'RATE=\\"fast\\" is not a whole number at least 1: write for example -e RATE=1000',
      );
      expect(target.requests.size).toBe(0);
    },
  );

  test.skipIf(any === null)('a refused login says how to set user and password', async ({ target }) => {
    target.sabotage = { status: ({ url }) => (url === '/api/login' ? 401 : null) };
    const run = await runBundle({
      k6: any ?? '',
      script: bundles.bundle('spike'),
      vars: { ...short, BASE_URL: target.url },
    });
    expect(run.exitCode).not.toBe(0);
    expect(run.stderr).toContain('user was refused with 401: set -e USER_NAME and -e PASSWORD, or -e TOKEN');
    expect(withResult(run, 'PASS')).toEqual([]);
  });

  describe('a target that stalls for 2 s', () => {
    /** The 100th request finds it frozen; whatever arrives meanwhile is answered when the 2 s are over. */
    const frozenRun = async (target: HttpTarget, vus: number) => {
      let stallEndsAt = 0;
      target.requests.clear();
      target.sabotage = {
        delayMs: ({ nth }) => {
          if (nth === 100) stallEndsAt = Date.now() + 2_000;
          return Math.max(0, stallEndsAt - Date.now());
        },
      };
      const run = await runBundle({
        k6: any ?? '',
        script: bundles.bundle('spike'),
        vars: { ...short, BASE_URL: target.url, READ_SHARE: '0%', WRITE_SHARE: '0%', VUS: vus },
      });
      const measured = (name: string) => run.rows.find(({ objective }) => objective === name)?.measured ?? 0;
      return {
        exitCode: run.exitCode,
        red: withResult(run, 'FAIL'),
        p99: measured('gateway.latency.p99'),
        dropped: measured('generator.dropped-iterations'),
      };
    };

    let unlimited: ReturnType<typeof frozenRun> | undefined;
    const withUsersEnough = () => {
      unlimited ??= startHttpTarget().then((target) =>
        frozenRun(target, 1_000).finally(() => target.close()),
      );
      return unlimited;
    };

    test.skipIf(any === null)('shows in p99 when there are always users to send', async () => {
      const { p99, dropped, exitCode, red } = await withUsersEnough();
      expect({ dropped, exitCode }).toEqual({ dropped: 0, exitCode: 99 });
      expect(red).toContain('gateway.latency.p99');
      expect(p99).toBeGreaterThan(1_800);
      expect(p99).toBeLessThan(2_200);
    });

    // 101 a second for 2 s make 202 waiting requests: 250 users are enough, 100 (the default at this rate) are not, and no
    // percentile shows that a single user waited.
    test.skipIf(any === null).for([250, 100, 1])(
      'never passes, and with %i users either shows as much or drops iterations',
      async (vus, { target }) => {
        const truth = await withUsersEnough();
        const { p99, dropped, exitCode, red } = await frozenRun(target, vus);
        expect(exitCode).toBe(99);
        if (vus > 202) expect(dropped).toBe(0);
        if (dropped > 0) expect(red).toContain('generator.dropped-iterations');
        else expect(Math.abs(p99 - truth.p99)).toBeLessThan(truth.p99 / 10);
      },
    );
  });
});
