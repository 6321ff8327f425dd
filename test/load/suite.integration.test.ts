import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually, type Running, startTestbed } from '../../testbed/fixtures/running.ts';
import { freePorts } from '../free-port.ts';
import { k6OfEachMajor } from '../k6.ts';
import { type RedSwitch, redSwitches } from './red-switches.ts';
import { type BundleRun, buildForTest, runBundle, withResult } from './run-bundle.ts';
import { short } from './short.ts';

const majors = (await k6OfEachMajor()).filter(({ k6 }) => k6 !== null);
const noK6 = majors.length === 0;
const bundles = await buildForTest();
afterAll(() => bundles.remove());

describe.concurrent('against a target that refuses connections nothing passes', () => {
  // A login that fails at setup ends most runs; the others end after ten seconds without an answer.
  test.skipIf(noK6).each(Object.keys(short))('%s', async (scenario) => {
    const [port] = await freePorts(1);
    const run = await runBundle({
      k6: majors[0]?.k6?.path ?? '',
      script: bundles.bundle(scenario),
      vars: {
        ...short[scenario],
        BASE_URL: `http://127.0.0.1:${port}`,
        METRICS: `none=http://127.0.0.1:${port}/metrics`,
        TIMEOUT: '1s',
        PATIENCE: '2s',
      },
    });
    expect(run.exitCode).not.toBe(0);
    expect(run.rows.length).toBeGreaterThan(0);
    // The generator did send what it had to, if it came to that.
    expect(withResult(run, 'PASS').filter((name) => name !== 'generator.dropped-iterations')).toEqual([]);
  });
});

/** What a busy machine can break without any switch; looked at only where it is what the switch is for. */
const speed =
  /latency|\.p9[59]$|link|sent-when-due|dropped-iterations|memory-trend|memory-growth|cpu-average|-ratio$/;

/** Two of a kind at the same time do not break each other's promises, other than those of speed. */
const mostlyWait = new Set([
  'projects',
  'beats',
  'vocal-stream',
  'cross-cloud',
  'mix',
  'soak',
  'deployment-watch',
]);

describe('against the testbed', () => {
  let target: Running;
  /** Spares each run of edges the wait until a token of its own has expired. */
  let expired: string;
  beforeAll(async () => {
    if (noK6) return;
    target = await startTestbed('beat-min-ms=200', 'beat-max-ms=600', 'brain-ms=200');
    const login = { body: { user: 'user', password: 'squall', ttlSeconds: 1 } };
    expired = (await target.call('/api/login', login)).json.token;
    await eventually('the token has expired', async () => {
      return (await target.call('/api/projects', { token: expired })).status === 401;
    });
  }, 180_000);
  afterAll(() => target?.end());

  const go = (
    scenario: string,
    k6: string | undefined,
    vars: Record<string, string | number> = {},
  ): Promise<BundleRun> =>
    runBundle({
      k6: k6 ?? '',
      script: bundles.bundle(scenario),
      vars: {
        ...short[scenario],
        BASE_URL: target.url,
        METRICS: `vocal-coach=${target.origin('vocal-coach')}/metrics,gateway=${target.origin('gateway-1')}/metrics`,
        MIN_SAMPLES: 1,
        ...vars,
      },
    });

  test.skipIf(noK6).each(Object.keys(short))(
    '%s measures all of its objectives on each k6',
    async (scenario) => {
      const run = ({ k6 }: (typeof majors)[number]) => go(scenario, k6?.path);
      const runs: BundleRun[] = [];
      if (mostlyWait.has(scenario)) runs.push(...(await Promise.all(majors.map(run))));
      else for (const major of majors) runs.push(await run(major));
      for (const [i, one] of runs.entries()) {
        const { major } = majors[i] ?? {};
        const red = withResult(one, 'FAIL').filter((name) => !speed.test(name));
        expect({ major, red, invalid: withResult(one, 'INVALID') }).toEqual({ major, red: [], invalid: [] });
        expect(one.exitCode).toBe(withResult(one, 'FAIL').length === 0 ? 0 : 99);
        expect(one.stderr).not.toContain('GoError');
      }
    },
  );

  // That there is a row for each objective of each scenario is the matter of red-switches.test.ts.
  for (const row of redSwitches)
    test.skipIf(noK6)(title(row), { retry: 1 }, async () => {
      await target.only(...row.set);
      const at = row.at === undefined ? {} : { BASE_URL: target.origin(row.at) };
      const vars = { EXPIRED_TOKEN: expired, ...row.vars, ...at };
      const run = await go(row.scenario, majors.at(-1)?.k6?.path, vars);
      const failed = withResult(run, 'FAIL').filter((name) => row.red.includes(name) || !speed.test(name));
      expect(failed.sort()).toEqual([...row.red].sort());
      expect(run.exitCode).toBe(99);
    });
});

const title = ({ scenario, set, vars, at, red }: RedSwitch): string => {
  const settings = Object.entries(vars).map(([name, value]) => `${name}=${value}`);
  const how = [...set, ...(at === undefined ? [] : [`at ${at}`]), ...settings];
  return `${scenario} with ${how.join(' ')} turns red: ${red.join(', ')}`;
};
