import { EventEmitter } from 'node:events';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test, vi } from 'vitest';
import { drill } from '../chaos/schema/drill.ts';
import { environment } from '../chaos/schema/environment.ts';
import { exitCodeOf, explain } from '../scripts/exit.ts';
import { eachInStateDirectory } from '../test/state-directory.ts';
import { listActive } from './active-run.ts';
import { readJournal } from './journal/read-journal.ts';
import { LeftBehindError } from './left-behind-error.ts';
import { entryPoint } from './package.ts';
import { STOP_SIGNALS } from './run/stopper.ts';
import { runDrill } from './run-drill.ts';
import { testbedUndoing } from './testbed.ts';
import { outstanding } from './undo.ts';

// The guardian is a process of its own: on a busy machine it takes its time.
vi.setConfig({ testTimeout: 30_000 });

let directory: string;
eachInStateDirectory((made) => {
  directory = made;
});

test.each(STOP_SIGNALS)(
  '%s while the guardian is coming up ends the run before anything is touched',
  async (signal) => {
    const signals = new EventEmitter();
    const touched = vi.fn(async () => {
      throw new Error('the targets were looked up');
    });
    const running = start(signals, touched);
    expect(listActive()).toMatchObject([{ run: 'early' }]);
    signals.emit(signal, signal);
    const { verdict } = await running;
    expect(verdict).toMatchObject({ verdict: 'INVALID', residue: [] });
    expect(verdict.reasons.join(' ')).toContain(`${signal} received`);
    expect(touched).not.toHaveBeenCalled();
    const { lines, damage } = readJournal(path.join(directory, 'run', 'journal.jsonl'));
    expect(damage).toBeNull();
    expect(lines.map(({ event }) => event.type)).toEqual(['run-started', 'stopped', 'run-ended']);
    expect(listActive()).toEqual([]);
    expect(signals.eventNames()).toEqual([]);
  },
);

test('a testbed that neither comes up nor goes down is named with its command, and stays in the journal for recover', async () => {
  const testbed = {
    up: ['sh', '-c', 'echo half; exit 1'],
    down: ['sh', '-c', 'test -e may-go'],
    status: ['false'],
  };
  const never = async (): Promise<never> => Promise.reject(new Error('not reached'));
  const error = await start(new EventEmitter(), never, { testbed }).catch((cause) => cause);
  expect(error).toBeInstanceOf(LeftBehindError);
  expect(exitCodeOf(error)).toBe(3);
  expect(explain(error)).toMatch(
    /half.*LEFT BEHIND: take down the testbed.*\n {2}cd .* && sh -c 'test -e may-go'/s,
  );
  expect(listActive()).toMatchObject([{ run: 'early' }]);
  const { lines } = readJournal(path.join(directory, 'run', 'journal.jsonl'));
  expect(outstanding(lines)).toMatchObject([{ id: 'testbed' }]);
});

function start(signals: EventEmitter, resolve: () => Promise<never>, more: object = {}) {
  const environmentFile = path.join(directory, 'lab.yaml');
  writeFileSync(environmentFile, '');
  return runDrill({
    run: 'early',
    directory: path.join(directory, 'run'),
    drill: drill.parse({
      name: 'tiny',
      load: [{ script: 'script.js' }],
      steady: { for: '1s' },
      objectives: [{ use: 'gateway' }],
    }),
    environment: environment.parse({ name: 'lab', components: {}, ...more }),
    environmentFile,
    secrets: [],
    objectives: [],
    k6: { path: 'k6', version: '1.0.0', major: 1 },
    cwd: directory,
    guardianEntry: entryPoint('scripts/guardian'),
    undoing: [testbedUndoing],
    resolve,
    signals: signals as unknown as Pick<NodeJS.Process, 'on' | 'off'>,
  });
}
