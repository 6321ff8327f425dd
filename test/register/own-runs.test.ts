import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { stringify } from 'yaml';
import { loadDrill } from '../../chaos/definitions/load-drill.ts';
import { packageRoot } from '../../chaos/package-root.ts';
import { askedInShort } from '../drill/asked-short.ts';
import { controlDrills, onCluster, shippedDrills, spikeAlone } from '../drill/drill-switches.ts';
import { anyMachine, type ShippedDrill, shippedDrill } from '../drill/shipped.ts';
import { type Shorter, shorten } from '../drill/shorten.ts';
import { alone, short } from '../load/short.ts';
import { rowsWith } from '../load/stated-rows.ts';
import { at, heldRows, heldVerdict } from './held.ts';
import { allDrills, objectivesOf } from './resolve.ts';

// Drills in short have what is promised at a full rate in them only for the register. Nothing is written there.
vi.hoisted(() => {
  process.env.SQUALL_TEST_KEEP_RUNS = 'none';
});
vi.mock('../../scenarios/lib/runtime/k6.ts', async () => (await import('../silent-k6.ts')).k6);
vi.mock('../../scenarios/lib/runtime/websocket.ts', () => ({ WebSocket: class {}, wsUrl: '' }));
vi.mock('../../scenarios/lib/runtime/md5.ts', () => ({ md5: () => '' }));

/**
 * The register of the test command, without running it: of its runs in short, as if all of them had held. What a short form leaves out
 * shows here, and not only at the end of an hour.
 */
const directory = mkdtempSync(path.join(os.tmpdir(), 'squall-own-runs-'));
const folder = path.join(directory, 'kept');
beforeAll(keepAll, 60_000);
afterAll(() => rmSync(directory, { recursive: true, force: true }));

let kept = 0;
function keep(name: string, file: string, value: object): void {
  kept += 1;
  // Two of one drill are two runs.
  const own = 'run' in value ? { ...value, run: `${name}-${kept}` } : value;
  const run = path.join(folder, `${name}-${kept}`);
  mkdirSync(run, { recursive: true });
  writeFileSync(path.join(run, file), JSON.stringify(own));
}

/** As shared-testbed.ts runs it, and green-and-red.ts asks. */
async function keepGreen(name: string, shorter: Shorter): Promise<void> {
  await keepDrill(shorten(shippedDrill(name, 9_000), shorter), shorter.measured);
}

async function keepDrill(drill: ShippedDrill, measured: readonly string[] = []): Promise<void> {
  const objectives = await anyMachine(drill.objectives, measured);
  const file = path.join(directory, 'drill.yaml');
  writeFileSync(file, stringify({ ...drill, objectives }));
  const { value } = await loadDrill(file);
  keep(value.name, 'verdict.json', { schema: 1, ...heldVerdict(value, await objectivesOf(value)) });
}

async function keepScenario(name: string, vars: object = {}): Promise<void> {
  const page = 'http://127.0.0.1:9050/metrics';
  const own = { ...short[name], ...vars, METRICS: `a=${page}`, CONTROL_METRICS: page, UNATTENDED: 1 };
  const settings = Object.entries({ ...own, SUMMARY_JSON: 'rows' }).map(([key, value]) => [
    key,
    String(value),
  ]);
  const rows = heldRows(await rowsWith(name, Object.fromEntries(settings)));
  keep(name, 'summary.json', { scenario: name, endedAt: at, rows });
}

/** All that the test command keeps, on a machine with a cluster and its metrics. */
async function keepAll(): Promise<void> {
  for (const [name, shorter] of [...shippedDrills, ...controlDrills])
    if (name !== 'spike') await keepGreen(name, shorter);
  for (const [name, { shorter }] of Object.entries(askedInShort)) await keepGreen(name, shorter);
  // With all of its faults, and its load alone.
  await keepDrill(shippedDrill('spike', 9_000));
  await keepGreen('spike', spikeAlone);
  const shipped = await allDrills();
  for (const name of onCluster) {
    const drill = shipped.get(name);
    if (drill === undefined) throw new Error(`${name} does not ship`);
    keep(name, 'verdict.json', { schema: 1, ...heldVerdict(drill, await objectivesOf(drill)) });
  }
  for (const name of Object.keys(short)) await keepScenario(name);
  await keepScenario(...alone.throughput);
  for (const name of alone.saturation)
    await keepScenario(name, { HOST_METRICS: 'http://127.0.0.1:9100/metrics' });
}

function registerOfTests(runs: string) {
  const script = path.join(packageRoot(), 'scripts/lib/register-of-tests.mjs');
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, runs], { encoding: 'utf8' });
  return { status, stderr, open: stdout.split('\n').filter((line) => line.startsWith('open: ')) };
}

test('each promise is measured, or needs an account or the gate; nothing else', () => {
  expect(registerOfTests(folder)).toEqual({ status: 0, stderr: '', open: [] });
});

test.each([
  ['events', 'open: events.query, time: – never measured: no run here of scenario events'],
  ['cascade', 'open: cascading-failure, isolated: – never measured: no run here of drill cascade'],
  ['kill-switch', 'open: kill-switch: – never measured: no run here of drill kill-switch'],
])('without a run of %s its promises are open', (name, line) => {
  const others = path.join(directory, `without-${name}`);
  cpSync(folder, others, {
    recursive: true,
    filter: (from) => !new RegExp(`^${name}-\\d+$`).test(path.basename(from)),
  });
  const { status, open } = registerOfTests(others);
  expect(open).toContain(line);
  expect(status).toBe(1);
});
