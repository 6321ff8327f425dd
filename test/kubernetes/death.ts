import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import type { ActiveRun } from '../../orchestrator/active-run.ts';
import { readJournal } from '../../orchestrator/journal/read-journal.ts';
import type { JournalLine } from '../../orchestrator/journal.types.ts';
import { outstanding } from '../../orchestrator/undo.ts';
import { survivors, until } from '../survivors.ts';
import { environment, type KubernetesTestbed } from './testbed.ts';

/** The fault lasts longer than any of these tests waits: what heals it is squall, and not the duration of the object. */
const CUT = {
  name: 'cut',
  load: [
    {
      scenario: 'spike',
      vars: {
        RATE: '30',
        BASE_RATE: '30',
        BASE_DURATION: '1s',
        RAMP: '1s',
        DURATION: '110s',
        READ_SHARE: '20%',
      },
    },
  ],
  steady: { for: '2s' },
  faults: [{ name: 'link-cut', kind: 'partition', component: 'studio-link', at: '4s', for: '100s' }],
  objectives: [{ name: 'answers', throughput: true, atLeast: '1/s', phase: 'steady', minSamples: 5 }],
};
const HEALED_WITHIN_MS = 60_000;

export function describeDeath(shared: () => KubernetesTestbed): void {
  describe('squall dies in the middle of a partition', () => {
    let testbed: KubernetesTestbed;
    let runs = 0;
    beforeAll(() => {
      testbed = shared();
    });

    async function cutLink() {
      runs += 1;
      const out = path.join(testbed.directory, `cut-${runs}`);
      const file = `${out}.yaml`;
      const mark = `SQUALL_TRIAL=kubernetes-${process.pid}-${runs}`;
      writeFileSync(file, stringify(CUT));
      const own = {
        XDG_STATE_HOME: path.join(testbed.directory, `state-${runs}`),
        SQUALL_TRIAL: mark.slice(13),
      };
      const running = testbed.squall(['drill', file, '--env', environment, '--out', out, '--json'], own);
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
        async () => (await testbed.reaches()).every((reached) => !reached),
        20_000,
        () => 'not cut',
      );
      expect(await testbed.residue()).not.toEqual([]);
      return { out, own, mark, running, lines };
    }

    async function expectHealed({ mark, lines }: { mark: string; lines: () => readonly JournalLine[] }) {
      await until(
        async () => (await testbed.residue()).length === 0,
        HEALED_WITHIN_MS,
        () => 'faults are left',
      );
      await until(
        async () => (await testbed.reaches()).every(Boolean),
        20_000,
        () => 'the link is not back',
      );
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
      expect(await testbed.residue()).not.toEqual([]);
      const recovered = await testbed.squall(['recover'], run.own);
      expect(recovered).toMatchObject({
        exitCode: 0,
        stdout: expect.stringMatching(/NetworkChaos .* is gone/),
      });
      await expectHealed(run);
      expect(await testbed.squall(['recover'], run.own)).toMatchObject({
        exitCode: 0,
        stdout: expect.stringContaining('nothing to recover'),
      });
    });

    test('SIGKILL of both, and nothing but the cluster knows of the run: recover --env finds it by its label', {
      timeout: 300_000,
    }, async () => {
      const run = await cutLink();
      await killBoth(run);
      const elsewhere = { XDG_STATE_HOME: path.join(testbed.directory, 'another-machine') };
      const swept = await testbed.squall(['recover', '--env', environment], elsewhere);
      expect(swept).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/NetworkChaos .* is gone/) });
      expect(await testbed.residue()).toEqual([]);
      // The load of the dead run is on this machine.
      expect(await testbed.squall(['recover'], run.own)).toMatchObject({ exitCode: 0 });
      await expectHealed(run);
    });
  });
}

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
type Running = ReturnType<KubernetesTestbed['squall']>;

function journalOf(out: string): readonly JournalLine[] {
  try {
    return readJournal(path.join(out, 'journal.jsonl')).lines;
  } catch {
    return [];
  }
}
