import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test, vi } from 'vitest';
import { settingsSchema } from '../../testbed/lib/settings.ts';
import { madeUpDeployments } from './broken-deployment.ts';
import { controlPages, hostPages } from './broken-pages.ts';
import { brokenSpikes } from './broken-spike.ts';
import { redSwitches } from './red-switches.ts';
import { short } from './short.ts';
import { statedRows } from './stated-rows.ts';

vi.mock('../../scenarios/lib/runtime/k6.ts', async () => (await import('../silent-k6.ts')).k6);
vi.mock('../../scenarios/lib/runtime/websocket.ts', () => ({ WebSocket: class {}, wsUrl: '' }));
vi.mock('../../scenarios/lib/runtime/md5.ts', () => ({ md5: () => '' }));

const folder = path.resolve(import.meta.dirname, '../../scenarios');
/** The scenarios that stock k6 runs. One that needs an extension and a cluster is tested where there is one. */
const scenarios = readdirSync(folder)
  .filter((file) => /^[a-z-]+\.ts$/.test(file))
  .filter((file) => !readFileSync(path.join(folder, file), 'utf8').includes("from 'k6/x/"))
  .map((file) => file.slice(0, -'.ts'.length));

/** The objectives that a scenario judges, as its own summary lists them. */
async function objectivesOf(scenario: string): Promise<string[]> {
  const rows = (await statedRows(scenario)).flat();
  return [
    ...new Set(rows.filter(({ result }) => result !== 'not measured').map(({ objective }) => objective)),
  ];
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
  // One after the other: each is read with settings of its own.
  const judged: string[] = [];
  for (const scenario of scenarios) judged.push(...(await objectivesOf(scenario)));
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
    'test/drill/control-drills.testbed.test.ts',
    'test/drill/drill-switches.ts',
  ]
    .map((file) => readFileSync(path.resolve(folder, '..', file), 'utf8'))
    .join('\n');
  const thrown = new Set([
    ...redSwitches.flatMap(({ set }) => set.map((pair) => pair.split('=')[0])),
    ...[...control.matchAll(/['`]([a-z-]+)=[^'`]+['`]/g)].map(([, name]) => name),
  ]);
  expect(sabotage.filter((name) => !thrown.has(name))).toEqual([]);
});
