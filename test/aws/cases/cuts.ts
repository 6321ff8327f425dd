import { BROKEN, THROTTLED } from '../../../chaos/providers/aws/fixtures/trouble.ts';
import { SUBNETS } from '../../../chaos/providers/aws/fixtures/world.ts';
import { type Case, refusal } from './case.ts';

/** Subnets that FIS cuts off. */
export const cuts: Case[] = [
  {
    title: 'subnets are cut off and connected again',
    form: SUBNETS,
    result: 'PASS',
    says: /no request failed/,
  },
  refusal(
    'an account whose safety lever is engaged',
    SUBNETS,
    /safety lever of FIS is engaged \("incident"\)/,
    (s) => {
      s.fis.lever = { status: 'engaged', reason: 'incident' };
    },
  ),
  refusal('an account with five experiments already', SUBNETS, /5 experiments run already/, (s) => {
    for (let i = 0; i < 5; i += 1) {
      s.fis.experiments.push({ id: `EXP-other-${i}`, tags: {}, state: { status: 'running' }, actions: {} });
    }
  }),
  { ...refusal('a cut that resets connections', SUBNETS, /packets vanish/), params: { mode: 'reset' } },
  {
    title: 'a start of an experiment that fails with 500 after it was carried out: found by its tags',
    form: SUBNETS,
    before: (s) =>
      s.troubles.add({
        action: 'StartExperiment',
        trouble: { does: 'fail-after', fault: { ...BROKEN, code: 'InternalServerException' } },
      }),
    result: 'PASS',
    says: /no request failed/,
  },
  {
    title: 'a start of an experiment that is throttled: its template is removed',
    form: SUBNETS,
    before: (s) =>
      s.troubles.add({ action: 'StartExperiment', trouble: { does: 'refuse', fault: THROTTLED } }),
    result: 'INVALID',
    says: /fis:StartExperiment: AWS throttles/,
  },
  {
    title: 'an experiment whose targets FIS does not find',
    form: SUBNETS,
    before: (s) => {
      s.stage.ending = 'failed';
    },
    result: 'INVALID',
    says: /is failed \("Target resolution returned empty set"\)/,
  },
  {
    title: 'an experiment that an alarm stops',
    form: SUBNETS,
    before: (s) => {
      s.stage.ending = 'halted';
    },
    result: 'INVALID',
    says: /it had ended before its time: .*"Experiment halted by stop condition\."/,
  },
  {
    title: 'an experiment that runs, and no request notices',
    form: SUBNETS,
    noticed: false,
    unnoticed: true,
    result: 'INVALID',
    says: /FIS alone says that it has cut the subnets off, and no request noticed/,
  },
  {
    title: '200, and no experiment is there',
    form: SUBNETS,
    before: (s) => s.troubles.add({ action: 'StartExperiment', trouble: { does: 'ignore' } }),
    result: 'INVALID',
    says: /no evidence that FIS has cut the subnets off/,
  },
];
