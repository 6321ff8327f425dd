import path from 'node:path';
import { expect, test } from 'vitest';
import { everyUndoing } from '../../scripts/providers.ts';
import { openJournal } from '../journal/journal.ts';
import { readJournal } from '../journal/read-journal.ts';
import { listActive } from './active-run.ts';
import { ownPlace } from './elsewhere.ts';
import { record } from './fixtures/counted-undo.ts';
import { dead, lock, run, self, undoing, undone } from './fixtures/dead-runs.ts';
import { recover } from './recover.ts';

const [host = '', namespace = ''] = ownPlace().split(' ');
const silenceMs = 1_000;
const all = [...everyUndoing(), ...undoing];
const sameBoot = { ...self, start: self.start.replace(/\d+$/, '1') };

test.each([
  ['on another machine', 'pod-a pid:[1]', 'pod-a'],
  ['on one whose processes have the same namespace', `pod-a ${namespace}`, 'pod-a'],
  ['in another pid namespace', `${host} pid:[1]`, `${host} in another pid namespace`],
])(
  'a process that was frozen %s is not taken for gone, and keeps the environment',
  async (_, place, where) => {
    const at = frozen();
    lock('far', dead, place);
    for (let times = 0; times < 2; times++) {
      const [result] = await recover({ undoing: all, silenceMs });
      expect(result?.refused).toBeNull();
      expect(result?.residue).toEqual([
        {
          what: expect.stringContaining('squall recover far --declare-clean (it was done on '),
          command: 'kill -CONT 4711',
        },
      ]);
      expect(result?.residue[0]?.what).toContain(
        `it was done on ${where}, whose processes cannot be seen here: run squall recover far there`,
      );
      expect(listActive()).toHaveLength(1);
    }
    // What does not depend on where it is undone.
    expect(undone).toEqual(['one']);
    const [declared] = await recover({ run: 'far', undoing: all, silenceMs, declareClean: true });
    expect(declared).toMatchObject({ residue: [], declared: [expect.stringMatching(/it was done on /)] });
    expect(readJournal(path.join(at, 'journal.jsonl')).damage).toBeNull();
    expect(listActive()).toEqual([]);
  },
);

test.skipIf(namespace === '')('a machine that was given another name still sees its processes', async () => {
  frozen();
  lock('far', dead, `old-name ${namespace}`, sameBoot);
  const [result] = await recover({ undoing: all, silenceMs });
  expect(result).toMatchObject({ residue: [], refused: null });
  expect(result?.undone).toContain('let it continue: web does not exist any more');
  expect(listActive()).toEqual([]);
});

/** A run `far` that has stopped a process whose pid is nobody's here. */
function frozen(): string {
  const at = run('far', dead);
  const file = path.join(at, 'journal.jsonl');
  const journal = openJournal(file, readJournal(file).end);
  journal.append({
    type: 'undo-armed',
    record: {
      ...record,
      id: 'frozen',
      provider: 'local',
      action: 'continue',
      data: { process: { pid: 4711, start: 'another boot:1' }, label: 'web' },
      describe: 'let it continue',
      command: 'kill -CONT 4711',
    },
  });
  journal.close();
  return at;
}
