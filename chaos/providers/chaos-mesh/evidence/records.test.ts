import { expect, it } from 'vitest';
import { makeObject, makeRecord } from '../fixtures/requests.ts';
import { readProgress } from './records.ts';

it('AllRecovered before the injection is not taken for a recovery', () => {
  const object = {
    ...makeObject('NetworkChaos', [makeRecord('web-1')]),
    status: {
      conditions: [{ type: 'AllRecovered', status: 'True' }],
      experiment: { containerRecords: [makeRecord('web-1')] },
    },
  };
  expect(readProgress(object)).toMatchObject({ injected: [], recovered: [] });
});

it('the newest success counts, whatever failed after it', () => {
  const flapping = makeRecord('web-1', 'Apply Succeeded', 'Recover Failed');
  expect(readProgress(makeObject('PodChaos', [flapping])).injected).toEqual([flapping]);
  const healed = makeRecord('web-1', 'Apply Succeeded', 'Recover Succeeded');
  expect(readProgress(makeObject('PodChaos', [healed]))).toMatchObject({ injected: [], recovered: [healed] });
});

it('no object has no records', () => {
  expect(readProgress(undefined)).toEqual({ selected: [], injected: [], recovered: [], failure: undefined });
});
