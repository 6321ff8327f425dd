import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { hasCluster } from '../../chaos/providers/chaos-mesh/fixtures/lab.ts';
import type { ActiveRun } from '../../orchestrator/active-run.ts';
import { readJournal } from '../../orchestrator/journal/read-journal.ts';
import type { JournalLine } from '../../orchestrator/journal.types.ts';
import { outstanding } from '../../orchestrator/undo.ts';
import { anyK6 } from '../k6.ts';
import { survivors, until } from '../survivors.ts';
import { type CommandLineLab, createCommandLineLab, LOAD_SCRIPT } from './lab.ts';

const testable = hasCluster && (await anyK6()) !== null;

/** The fault lasts longer than any of these tests waits: what heals it is squall, and not the duration of the object. */
const CUT = {
  name: 'cut',
  load: [{ script: LOAD_SCRIPT, vars: { DURATION: '110s' } }],
  steady: { for: '2s' },
  faults: [{ name: 'link-cut', kind: 'partition', component: 'studio-link', at: '4s', for: '100s' }],
  objectives: [{ name: 'answers', throughput: true, atLeast: '1/s', phase: 'steady', minSamples: 5 }],
};
const HEALED_WITHIN_MS = 60_000;

describe.skipIf(!testable)('squall dies in the middle of a partition on a real cluster', () => {
  let world: CommandLineLab;
  let runs = 0;
  beforeAll(async () => {
    world = await createCommandLineLab();
  });
  afterAll(() => world?.close());

  async function cutLink() {
    runs += 1;
    expect(await world.lab.connected()).toBe(true);
    const out = path.join(world.directory, `cut-${runs}`);
    const file = `${out}.yaml`;
    const mark = `SQUALL_TRIAL=kubernetes-${process.pid}-${runs}`;
    writeFileSync(file, stringify(CUT));
    const own = {
      XDG_STATE_HOME: path.join(world.directory, `state-${runs}`),
      SQUALL_TRIAL: mark.slice(13),
    };
    const running = world.squall(['drill', file, '--env', world.environment, '--out', out, '--json'], own);
    let ended: string | null = null;
    void running.then(({ exitCode, stderr }) => {
      ended = `the drill ended (${exitCode}): ${stderr}`;
    });
    const lines = () => journalOf(out);
    await until(
      () => ended !== null || lines().some(({ event }) => event.type === 'fault-injected'),
      90_000,
      () => 'the fault is not in',
    );
    expect(ended).toBeNull();
    await until(
      async () => !(await world.lab.connected()),
      20_000,
      () => 'not cut',
    );
    expect(await world.lab.residue()).not.toEqual([]);
    return { out, own, mark, running, lines };
  }

  async function expectHealed({ mark, lines }: { mark: string; lines: () => readonly JournalLine[] }) {
    await until(
      async () => (await world.lab.residue()).length === 0,
      HEALED_WITHIN_MS,
      () => 'faults are left',
    );
    await until(world.lab.connected, 20_000, () => 'the link is not back');
    await until(
      () => survivors(mark).length === 0,
      20_000,
      () => survivors(mark).join('\n'),
    );
    expect(outstanding(lines())).toEqual([]);
  }

  test('SIGKILL of the orchestrator: its guardian leaves the cluster clean', {
    timeout: 300_000,
  }, async () => {
    const run = await cutLink();
    run.running.kill('SIGKILL');
    await run.running;
    await expectHealed(run);
    const undone = run.lines().flatMap(({ event }) => (event.type === 'undo-done' ? [event] : []));
    expect(undone.find(({ id }) => id.startsWith('chaos-mesh:'))).toMatchObject({
      by: 'guardian',
      outcome: { state: 'undone' },
    });
  });

  test('SIGKILL of both: squall recover does it, and finds nothing the second time', {
    timeout: 300_000,
  }, async () => {
    const run = await cutLink();
    await killBoth(run);
    expect(await world.lab.residue()).not.toEqual([]);
    const recovered = await world.squall(['recover'], run.own);
    expect(recovered).toMatchObject({
      exitCode: 0,
      stdout: expect.stringMatching(/NetworkChaos .* is gone/),
    });
    await expectHealed(run);
    expect(await world.squall(['recover'], run.own)).toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining('nothing to recover'),
    });
  });

  test('SIGKILL of both, and nothing but the cluster knows of the run: recover --env finds it by its label', {
    timeout: 300_000,
  }, async () => {
    const run = await cutLink();
    await killBoth(run);
    const elsewhere = { XDG_STATE_HOME: path.join(world.directory, 'another-machine') };
    const swept = await world.squall(['recover', '--env', world.environment], elsewhere);
    expect(swept).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/NetworkChaos .* is gone/) });
    expect(await world.lab.residue()).toEqual([]);
    // The load of the dead run is on this machine.
    expect(await world.squall(['recover'], run.own)).toMatchObject({ exitCode: 0 });
    await expectHealed(run);
  });
});

/** The guardian is stopped first, so that it cannot do its work in between. */
async function killBoth({
  own,
  running,
}: {
  own: { XDG_STATE_HOME: string };
  running: Running;
}): Promise<void> {
  const folder = path.join(own.XDG_STATE_HOME, 'squall', 'active');
  const lock = readdirSync(folder).find((name) => name.endsWith('.json')) ?? '';
  const pid = (JSON.parse(readFileSync(path.join(folder, lock), 'utf8')) as ActiveRun).guardian?.pid ?? 0;
  expect(pid).toBeGreaterThan(1);
  process.kill(pid, 'SIGSTOP');
  running.kill('SIGKILL');
  await running;
  process.kill(pid, 'SIGKILL');
}
type Running = ReturnType<CommandLineLab['squall']>;

function journalOf(out: string): readonly JournalLine[] {
  try {
    return readJournal(path.join(out, 'journal.jsonl')).lines;
  } catch {
    return [];
  }
}
