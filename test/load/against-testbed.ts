import { expect } from 'vitest';
import { eventually, type Running, startTestbedWith } from '../../testbed/fixtures/running.ts';
import type { PortName } from '../../testbed/lib/testbed.ts';
import { k6OfEachMajor } from '../k6.ts';
import { keepSummary } from '../kept-runs.ts';
import { capacity, type RedSwitch } from './red-switches.ts';
import { type BundleRun, buildForTest, runBundle, withResult } from './run-bundle.ts';
import { short } from './short.ts';

/** Objectives that a busy machine can miss without any switch. They count only where the switch is meant for them. */
const speed =
  /^saturation\.|latency|overload\.(accepted|refused)|\.p9[59]$|link|sent-when-due|dropped-iterations|memory-trend|memory-growth|cpu-average|-ratio$/;

/** What a busy machine can hide although a switch is on: a share of the processors, and a difference between two slow versions. */
const hidden = /cpu-average|-ratio$/;

/** Two of these at the same time do not make each other miss objectives, except those of speed. */
const mostlyWait = new Set([
  'projects',
  'business',
  'beats',
  'exports',
  'events',
  'vocal-stream',
  'collaboration',
  'cross-cloud',
  'mix',
  'soak',
  'deployment-watch',
]);

/** Answers that are due at a certain time: beside many others, even objectives that are not about speed would fail. */
const wantsQuiet = new Set(['golden-signals', 'spike', 'vocal-stream', 'breakpoint']);

/** How many switches may be thrown at a time, each on a testbed of its own: one, two (`quiet`), or several (`any`). */
export type Company = 'none' | 'quiet' | 'any';

const HEAVY_RATE = 1_000;

/** The services whose metrics the scenarios read: all replicas of projects, and of the others those that have a switch. */
const leakyServices = ['vocal-coach', 'gateway-1'] as const;
const readServices: Readonly<Record<string, readonly PortName[]>> = {
  projects: ['projects-1', 'projects-2'],
  beats: ['producer'],
};

export const companyOf = ({ scenario, red, vars }: RedSwitch): Company =>
  red.some((name) => hidden.test(name)) || Number(vars.RATE ?? 0) >= HEAVY_RATE
    ? 'none'
    : wantsQuiet.has(scenario)
      ? 'quiet'
      : 'any';

/** Here every objective has to hold, also those that a switch may break beside the ones it is meant for. */
export const companyToMeasure = (scenario: string): Company =>
  wantsQuiet.has(scenario) || ['beats', 'business', 'overload'].includes(scenario) ? 'quiet' : 'any';

export const title = ({ scenario, set, vars, at, red }: RedSwitch): string => {
  const settings = Object.entries(vars).map(([name, value]) => `${name}=${value}`);
  const how = [...set, ...(at === undefined ? [] : [`at ${at}`]), ...settings];
  return `${scenario} with ${how.join(' ')} turns red: ${red.join(', ')}`;
};

/** A testbed to throw switches on. */
export interface Target extends Running {
  /** Saves each run of edges from waiting until a token of its own has expired. */
  readonly expired: string;
}

async function startTarget(): Promise<Target> {
  const testbed = await startTestbedWith(
    ['business', 'objectStore'],
    ...['beat-min-ms=200', 'beat-max-ms=600', 'brain-ms=200'],
    'export-ms=800',
    ...['business-day-ms=80', 'cost-period-ms=200'],
  );
  try {
    const [expired] = await Promise.all([
      expiredTokenOf(testbed),
      firstBeat(testbed),
      testbed.command('fill-events', '100000'),
    ]);
    return { ...testbed, expired };
  } catch (error) {
    await testbed.end();
    throw error;
  }
}

/** Testbeds for tests that run at the same time: each has one to itself, and waits until one is free. */
export async function startTargets(count: number): Promise<{
  use(work: (target: Target) => Promise<void>): Promise<void>;
  end(): Promise<void>;
}> {
  // All are remembered, so that each is ended even if another does not come up.
  const all: Target[] = [];
  const end = async () => void (await Promise.all(all.map((target) => target.end())));
  const started = await Promise.allSettled(
    Array.from({ length: count }, async () => all.push(await startTarget())),
  );
  for (const one of started)
    if (one.status === 'rejected') {
      await end();
      throw one.reason;
    }
  const free = [...all];
  const waiting: ((target: Target) => void)[] = [];
  return {
    end,
    async use(work) {
      const target = free.pop() ?? (await new Promise<Target>((resolve) => waiting.push(resolve)));
      try {
        await work(target);
      } finally {
        const next = waiting.shift();
        if (next === undefined) free.push(target);
        else next(target);
      }
    },
  };
}

async function expiredTokenOf(testbed: Running): Promise<string> {
  const login = { body: { user: 'user', password: 'squall', ttlSeconds: 1 } };
  const expired = (await testbed.call('/api/login', login)).json.token;
  await eventually('the token has expired', async () => {
    return (await testbed.call('/api/projects', { token: expired })).status === 401;
  });
  return expired;
}

/** The first upload, through code that has never run, takes as long as one of these short beats. */
async function firstBeat(testbed: Running): Promise<void> {
  const token = await testbed.login();
  const order = { token, body: { genre: 'house', bpm: 124 } };
  const { id } = (await testbed.call('/api/ai/generate-beat', order)).json;
  await eventually('the first beat is stored', async () => {
    return (await testbed.call(`/api/ai/beats/${id}/audio`, { token })).status === 200;
  });
}

/** The scenarios in their short forms, bundled, and each available k6 to run them. */
export async function prepareLoad() {
  const majors = (await k6OfEachMajor()).filter(({ k6 }) => k6 !== null);
  const bundles = await buildForTest();
  const run = (
    scenario: string,
    vars: Readonly<Record<string, string | number>>,
    k6 = majors.at(-1)?.k6,
  ): Promise<BundleRun> =>
    runBundle({
      k6: k6?.path ?? '',
      script: bundles.bundle(scenario),
      vars: { ...short[scenario], ...vars },
    });
  const at = (target: Target, scenario: string) => ({
    BASE_URL: target.url,
    METRICS: (readServices[scenario] ?? leakyServices)
      .map((name) => `${name}=${target.origin(name)}/metrics`)
      .join(','),
    CONTROL_METRICS: `${target.origin('control')}/metrics`,
    BUSINESS_URL: target.origin('business'),
    MAILBOX_URL: target.origin('mailbox'),
    UNATTENDED: 1,
    MIN_SAMPLES: 1,
  });
  return {
    noK6: majors.length === 0,
    run,
    remove: bundles.remove,

    /** Each k6 measures every objective of the scenario, and none fails except those that a busy machine can miss. */
    async measureAll(target: Target, scenario: string): Promise<void> {
      await target.only(...(scenario === 'overload' ? [capacity] : []));
      const runs: BundleRun[] = [];
      const measure = ({ k6 }: (typeof majors)[number]) => run(scenario, at(target, scenario), k6);
      if (mostlyWait.has(scenario)) runs.push(...(await Promise.all(majors.map(measure))));
      else for (const major of majors) runs.push(await measure(major));
      for (const [i, one] of runs.entries()) expectMeasured(scenario, one, { major: majors[i]?.major });
    },

    /** The same for what only these settings make it measure: it has a result, whatever that is. */
    async measure(
      target: Target,
      scenario: string,
      vars: Readonly<Record<string, string | number>>,
      names: readonly string[],
    ): Promise<void> {
      await target.only();
      const one = await run(scenario, { ...at(target, scenario), ...vars });
      const unmeasured = withResult(one, 'not measured').filter((name) => names.includes(name));
      expect(unmeasured, one.stdout).toEqual([]);
      expectMeasured(scenario, one, { names });
    },

    /** Exactly the objectives of the row turn red, apart from those that a busy machine misses without any switch. */
    async throwSwitch(target: Target, row: RedSwitch): Promise<void> {
      await target.only(...row.set);
      const where = row.at === undefined ? {} : { BASE_URL: target.origin(row.at) };
      const vars = { ...at(target, row.scenario), EXPIRED_TOKEN: target.expired, ...row.vars, ...where };
      const one = await run(row.scenario, vars);
      const failed = withResult(one, 'FAIL').filter((name) => row.red.includes(name) || !speed.test(name));
      expect(failed.sort()).toEqual([...row.red].sort());
      expect(one.exitCode).toBe(99);
    },
  };
}

/** Every objective that was measured has a result, and is kept if it is none of speed, nor of `names`. The register has the run. */
function expectMeasured(
  scenario: string,
  one: BundleRun,
  { major, names = [] }: { readonly major?: number | undefined; readonly names?: readonly string[] },
): void {
  const red = withResult(one, 'FAIL').filter((name) => !speed.test(name) && !names.includes(name));
  expect({ major, red, invalid: withResult(one, 'INVALID') }).toEqual({ major, red: [], invalid: [] });
  expect(one.exitCode).toBe(withResult(one, 'FAIL').length === 0 ? 0 : 99);
  expect(one.stderr).not.toContain('GoError');
  keepSummary(scenario, one.summary);
}
