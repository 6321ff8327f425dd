import { expect, test } from 'vitest';
import type { UndoRecord } from '../../chaos/provider.ts';
import { type ActiveRun, EnvironmentBusyError } from './active-run.ts';
import { LeftBehindError } from './left-behind-error.ts';
import { leftBy } from './left-by.ts';

const record = { id: 'r', provider: 'local', describe: 'a frozen process', command: 'kill -CONT 1' };
const active = {
  run: 'other',
  environment: 'lab',
  environmentFile: 'lab.yaml',
  directory: '/x',
  owner: { pid: 7 },
};

test.each([
  ['a run that could not clean up', new LeftBehindError('', [record as UndoRecord], 'own'), 'kill -CONT 1'],
  ['a dead run', new EnvironmentBusyError(active as unknown as ActiveRun, false), 'squall recover other'],
  ['a run that is under way', new EnvironmentBusyError(active as unknown as ActiveRun, true), undefined],
  ['anything else', new Error('no k6'), undefined],
])('%s', (_, error, command) => {
  expect(leftBy(error)[0]?.command).toBe(command);
});
