import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hasCluster } from '../../chaos/providers/chaos-mesh/fixtures/lab.ts';
import type { ActiveRun } from '../../orchestrator/recovery/active-run.ts';
import { anyK6 } from '../k6.ts';
import { type CutLink, cutLink, expectHealed } from './cut-link.ts';
import { type CommandLineLab, createCommandLineLab } from './lab.ts';

const testable = hasCluster && (await anyK6()) !== null;

/** The fault lasts longer than any of these tests waits, so it is squall that heals it, not the duration of the object. */
const LASTS_S = 100;

describe.skipIf(!testable)('squall dies in the middle of a partition on a real cluster', () => {
  let world: CommandLineLab;
  let runs = 0;
  beforeAll(async () => {
    world = await createCommandLineLab();
  });
  afterAll(() => world?.close());

  const cut = () => cutLink(world, `cut-${++runs}`, { lastsS: LASTS_S });

  test('SIGKILL of the orchestrator: its guardian leaves the cluster clean', {
    timeout: 300_000,
  }, async () => {
    const run = await cut();
    run.running.kill('SIGKILL');
    await run.running;
    await expectHealed(world, run);
    const undone = run.lines().flatMap(({ event }) => (event.type === 'undo-done' ? [event] : []));
    expect(undone.find(({ id }) => id.startsWith('chaos-mesh:'))).toMatchObject({
      by: 'guardian',
      outcome: { state: 'undone' },
    });
  });

  test('SIGKILL of both: squall recover cleans up, and finds nothing the second time', {
    timeout: 300_000,
  }, async () => {
    const run = await cut();
    await killBoth(run);
    expect(await world.lab.residue()).not.toEqual([]);
    const recovered = await world.squall(['recover'], run.own);
    expect(recovered).toMatchObject({
      exitCode: 0,
      stdout: expect.stringMatching(/NetworkChaos .* is gone/),
    });
    await expectHealed(world, run);
    expect(await world.squall(['recover'], run.own)).toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining('nothing to recover'),
    });
  });

  test('SIGKILL of both, and only the cluster knows about the run: recover --env finds it by its label', {
    timeout: 300_000,
  }, async () => {
    const run = await cut();
    await killBoth(run);
    const elsewhere = { XDG_STATE_HOME: path.join(world.directory, 'another-machine') };
    const swept = await world.squall(['recover', '--env', world.environment], elsewhere);
    expect(swept).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/NetworkChaos .* is gone/) });
    expect(await world.lab.residue()).toEqual([]);
    // The dead run's load is still on this machine.
    expect(await world.squall(['recover'], run.own)).toMatchObject({ exitCode: 0 });
    await expectHealed(world, run);
  });
});

/** The guardian goes first, so that it cannot act in between. */
async function killBoth({ own, running }: CutLink): Promise<void> {
  const folder = path.join(own.XDG_STATE_HOME, 'squall', 'active');
  const lock = readdirSync(folder).find((name) => name.endsWith('.json')) ?? '';
  const pid = (JSON.parse(readFileSync(path.join(folder, lock), 'utf8')) as ActiveRun).guardian?.pid ?? 0;
  expect(pid).toBeGreaterThan(1);
  process.kill(pid, 'SIGSTOP');
  running.kill('SIGKILL');
  await running;
  process.kill(pid, 'SIGKILL');
}
