import path from 'node:path';
import { execa } from 'execa';
import { afterAll, describe, expect, test, vi } from 'vitest';
import type { Provider } from '../../chaos/provider.ts';
import { listActive, release } from '../../orchestrator/recovery/active-run.ts';
import type { K6 } from '../../orchestrator/tools/find-k6.ts';
import { shortFaults } from '../drill/faults.ts';
import { changeFaults, methodsOf, runInProcess } from '../drill/in-process.ts';
import { squallEntry, writeDrill } from '../drill/run-drill.ts';
import { anyK6 } from '../k6.ts';
import { isFrozen, until } from '../survivors.ts';
import { startTinyTarget, type TinyTarget } from '../tiny-target/tiny-target.ts';
import { inParallel, trials } from '../trials.ts';

const k6 = await anyK6();
const open = new Set<TinyTarget>();
afterAll(async () => {
  vi.unstubAllEnvs();
  await Promise.all([...open].map((target) => target.stop()));
});

/** The same provider, except that a frozen process is never continued, neither directly nor by its undo record. */
function cannotContinue(provider: Provider): Provider {
  return {
    ...changeFaults(provider, (prepared, { fault }) =>
      fault.kind === 'freeze'
        ? { ...methodsOf(prepared), revert: () => Promise.reject(new Error('broken on purpose')) }
        : prepared,
    ),
    undo: async (record, signal) => {
      if (record.action === 'continue') throw new Error('broken on purpose');
      return provider.undo(record, signal);
    },
  };
}

describe.skipIf(k6 === null)('one undo that fails', () => {
  test('does not stop the others; what is left is named, and the printed command removes it', {
    timeout: 3_600_000,
  }, async () => {
    const { count } = trials('one undo of three fails', { full: 100, sample: 6 });
    const state = await startTinyTarget();
    open.add(state);
    vi.stubEnv('XDG_STATE_HOME', path.join(state.directory, 'state'));
    await inParallel(count, 3, async () => {
      const target = await startTinyTarget();
      open.add(target);
      const faults = [shortFaults.freeze, { ...shortFaults.reset, at: '2600ms' }];
      const files = writeDrill(
        target,
        { load: [{ script: 'script.js', vars: { DURATION: '5s' } }], faults },
        {},
        k6?.path,
      );
      const { verdict, directory } = await runInProcess(files, k6 as K6, cannotContinue);
      expect(verdict.residue, verdict.reasons.join('\n')).toHaveLength(1);
      expect(verdict.residue[0]?.what).toContain(String(target.pid()));
      expect(isFrozen(target.pid()), verdict.reasons.join('\n')).toBe(true);
      // The other fault is out: its link and its records are closed.
      const reset = verdict.faults.find(({ name }) => name === shortFaults.reset.name);
      expect(reset?.removedAt, verdict.reasons.join('\n')).not.toBeNull();
      const report = [squallEntry, 'report', directory];
      expect((await execa(process.execPath, report, { reject: false })).exitCode).toBe(3);
      await execa('/bin/sh', ['-c', verdict.residue[0]?.command ?? 'false']);
      await until(
        () => !isFrozen(target.pid()),
        2_000,
        () => 'the server is still stopped',
      );
      await target.stop();
      open.delete(target);
    });
    expect(listActive()).toHaveLength(count);
    for (const active of listActive()) release(active);
  });
});
