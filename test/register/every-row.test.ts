import path from 'node:path';
import { expect, test, vi } from 'vitest';
import { loadRegister } from '../../chaos/definitions/load-register.ts';
import { packageRoot } from '../../chaos/package-root.ts';
import type { Drill } from '../../chaos/schema/drill.ts';
import type { MeasuredRun } from '../../orchestrator/promises/measured-run.ts';
import { ofVerdict } from '../../orchestrator/promises/verdict-rows.ts';
import { measureRegister } from '../../orchestrator/register/measure-register.ts';
import { short } from '../load/short.ts';
import { statedRows } from '../load/stated-rows.ts';
import { at, heldRows, heldVerdict } from './held.ts';
import { allDrills, objectivesOf } from './resolve.ts';

vi.mock('../../scenarios/lib/runtime/k6.ts', async () => (await import('../silent-k6.ts')).k6);
vi.mock('../../scenarios/lib/runtime/websocket.ts', () => ({ WebSocket: class {}, wsUrl: '' }));
vi.mock('../../scenarios/lib/runtime/md5.ts', () => ({ md5: () => '' }));

/** `squall register` over runs of all that ships, of which everything held: by the names and bounds that real runs write down. */
const register = (await loadRegister(path.join(packageRoot(), 'thresholds', 'register.yaml'))).value;
async function drillRun(drill: Drill): Promise<MeasuredRun> {
  return ofVerdict(heldVerdict(drill, await objectivesOf(drill)));
}

async function scenarioRuns(name: string): Promise<MeasuredRun[]> {
  return (await statedRows(name)).map((rows, i) => ({
    kind: 'scenario',
    name,
    run: `${name} ${i + 1}`,
    at,
    verdict: null,
    rows: heldRows(rows).map(({ objective, target, samples, ...row }) => ({
      ...row,
      what: 'objective',
      name: objective,
      phase: null,
      target: target === '' ? null : target,
    })),
  }));
}

const drills = await Promise.all([...(await allDrills()).values()].map(drillRun));
const scenarios: MeasuredRun[] = [];
for (const name of Object.keys(short)) scenarios.push(...(await scenarioRuns(name)));
const all = [...drills, ...scenarios];

/** What is neither kept nor listed with its reason. */
function open(runs: readonly MeasuredRun[]): string[] {
  return measureRegister(register, runs).flatMap(({ id, parts, ...whole }) =>
    (parts.length > 0 ? parts.map((part) => ({ ...part, id: `${id}, ${part.name}` })) : [{ ...whole, id }])
      .filter(({ result, listed }) => result !== 'PASS' && !listed)
      .map(({ id, result, reason }) => `${id}: ${result}, ${reason}`),
  );
}

test('each row is measured with its result, or listed with its reason; nothing else', () => {
  expect(open(all)).toEqual([]);
});

test.each([
  ['events', 'events.query, time: NOT MEASURED, never measured: no run here of scenario events'],
  ['stable-after', 'stable-after, errors: NOT MEASURED, never measured: no run here of drill stable-after'],
])('without a run of %s its rows are open', (name, row) => {
  expect(open(all.filter((run) => run.name !== name))).toContain(row);
});

test('a row of a run that is called otherwise is open', () => {
  const renamed = all.map((run) => ({
    ...run,
    rows: run.rows.map((row) => (row.name === 'forecast-came' ? { ...row, name: 'forecast' } : row)),
  }));
  expect(open(renamed)).toEqual([
    expect.stringMatching(/^error-budget\.freeze, forecast: NOT MEASURED, .* has no probe forecast-came/),
  ]);
});
