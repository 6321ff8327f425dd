import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test, vi } from 'vitest';
import type { SummaryRow } from '../../scenarios/lib/objectives/summary-row.ts';
import type { ScenarioOptions } from '../../scenarios/lib/objectives/types.ts';
import { settingsSchema } from '../../testbed/lib/settings.ts';
import { madeUpDeployments } from './broken-deployment.ts';
import { controlPages, hostPages } from './broken-pages.ts';
import { brokenSpikes } from './broken-spike.ts';
import { redSwitches } from './red-switches.ts';
import { short } from './short.ts';

vi.mock('../../scenarios/lib/runtime/k6.ts', async () => (await import('../silent-k6.ts')).k6);
vi.mock('../../scenarios/lib/runtime/websocket.ts', () => ({ WebSocket: class {}, wsUrl: '' }));
vi.mock('../../scenarios/lib/runtime/md5.ts', () => ({ md5: () => '' }));
vi.stubGlobal('__VU', 0);
// With everything that a scenario can measure: both versions and the pages of metrics are named, sessions are read, the rate is 1000.
vi.stubGlobal('__ENV', {
  SUMMARY_JSON: 'rows',
  BLUE: 'gateway-1',
  GREEN: 'gateway-2',
  CONTROL_METRICS: 'http://127.0.0.1:9050/metrics',
  UNATTENDED: '1',
  HOST_METRICS: 'http://127.0.0.1:9100/metrics',
  SESSION_SHARE: '2%',
  CANARY_FOR: '10m',
  POST_DEPLOY_FOR: '30m',
});
/** What a scenario measures only when it measures something else not. */
const otherwise: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'deployment-watch': { ROLLBACK_WITHIN: '5m' },
};

const folder = path.resolve(import.meta.dirname, '../../scenarios');
/** The scenarios that stock k6 runs. One that needs an extension and a cluster is tested where there is one. */
const scenarios = readdirSync(folder)
  .filter((file) => /^[a-z-]+\.ts$/.test(file))
  .filter((file) => !readFileSync(path.join(folder, file), 'utf8').includes("from 'k6/x/"))
  .map((file) => file.slice(0, -'.ts'.length));

/** The objectives that a scenario judges, as its own summary lists them. */
async function objectivesOf(scenario: string): Promise<string[]> {
  const usual = await judgedBy(scenario);
  const more = otherwise[scenario];
  if (more === undefined) return usual;
  const settings = { ...__ENV };
  vi.resetModules();
  vi.stubGlobal('__ENV', { ...settings, ...more });
  const others = await judgedBy(scenario);
  vi.resetModules();
  vi.stubGlobal('__ENV', settings);
  return [...new Set([...usual, ...others])];
}

async function judgedBy(scenario: string): Promise<string[]> {
  const { handleSummary } = (await import(path.join(folder, `${scenario}.ts`))) as ScenarioOptions;
  const written = handleSummary({ state: { testRunDurationMs: 1 }, metrics: {} }).rows ?? '{"rows":[]}';
  return (JSON.parse(written) as { rows: SummaryRow[] }).rows
    .filter(({ result }) => result !== 'not measured')
    .map(({ objective }) => objective);
}

const expectedRed = (scenario: string): string[] => [
  ...redSwitches.filter((row) => row.scenario === scenario).flatMap(({ red }) => red),
  ...(scenario === 'spike' ? brokenSpikes.flatMap(({ red }) => red) : []),
  ...(scenario === 'soak' ? controlPages.flatMap(({ red }) => red) : []),
  ...(['golden-signals', 'deployment-watch'].includes(scenario) ? hostPages.flatMap(({ red }) => red) : []),
  // The first is INVALID or kept, never missed: deployment-watch.integration.test.ts has a target with one version.
  ...(scenario === 'deployment-watch'
    ? ['deployment.evidence', ...madeUpDeployments.flatMap(({ red }) => red)]
    : []),
];

test('every scenario has a short form', () => {
  expect(Object.keys(short).sort()).toEqual([...scenarios].sort());
});

test.each(scenarios)(
  'each objective of %s is turned red by something, and nothing else is',
  async (scenario) => {
    const objectives = await objectivesOf(scenario);
    expect(objectives.length).toBeGreaterThan(0);
    expect([...new Set(expectedRed(scenario))].sort()).toEqual([...objectives].sort());
  },
);

test('each objective in thresholds/ is judged by a scenario', async () => {
  const judged = (await Promise.all(scenarios.map(objectivesOf))).flat();
  const sets = readdirSync(path.resolve(folder, '../thresholds')).filter(
    (file) => file.endsWith('.ts') && !/^(units|objective|k6-names|k6-settings)\.|\.test\.ts$/.test(file),
  );
  const modules = await Promise.all(
    sets.map(
      (file) =>
        import(path.resolve(folder, '../thresholds', file)) as Promise<{ default: { name: string }[] }>,
    ),
  );
  const stated = modules.flatMap(({ default: set }) => set.map(({ name }) => name));
  expect(stated.length).toBeGreaterThan(40);
  // A level of a load is added to the name: "gateway.latency.p50.users-10".
  expect(stated.filter((name) => !judged.some((one) => one === name || one.startsWith(`${name}.`)))).toEqual(
    [],
  );
});

test('some row throws each of the testbed’s sabotage switches', () => {
  const names = Object.keys(settingsSchema.shape);
  const sabotage = names.slice(names.indexOf('forget-writes'));
  // The control loop's own are thrown by its own tests and by drills, whose probes no scenario has.
  const control = [
    'testbed/control-plane.testbed.test.ts',
    'testbed/releases.testbed.test.ts',
    'test/drill/shipped-drills.testbed.test.ts',
  ]
    .map((file) => readFileSync(path.resolve(folder, '..', file), 'utf8'))
    .join('\n');
  const thrown = new Set([
    ...redSwitches.flatMap(({ set }) => set.map((pair) => pair.split('=')[0])),
    ...[...control.matchAll(/['`]([a-z-]+)=[^'`]+['`]/g)].map(([, name]) => name),
  ]);
  expect(sabotage.filter((name) => !thrown.has(name))).toEqual([]);
});
