import { BROKEN, DENIED, THROTTLED } from '../../../chaos/providers/aws/fixtures/trouble.ts';
import { SUBNETS, TASKS } from '../../../chaos/providers/aws/fixtures/world.ts';
import { type Case, refusal } from './case.ts';

const DELAY = { delay: '80ms', direction: 'from' };

/** Subnets that FIS cuts off, and tasks that it delays. */
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
    before: refusing('StartExperiment', THROTTLED),
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
  {
    title: 'tasks are delayed, and not any more',
    form: TASKS,
    params: DELAY,
    result: 'PASS',
    says: /no request failed/,
  },
  {
    title: '200, and no experiment of tasks is there',
    form: TASKS,
    params: DELAY,
    before: (s) => s.troubles.add({ action: 'StartExperiment', trouble: { does: 'ignore' } }),
    result: 'INVALID',
    says: /no evidence that FIS has delayed the tasks/,
  },
  {
    title: 'tasks of which FIS finds none that it may delay',
    form: TASKS,
    params: DELAY,
    before: (s) => {
      s.stage.ending = 'failed';
    },
    result: 'INVALID',
    says: /is failed \("Target resolution returned empty set"\)/,
  },
  {
    ...refusal('a delay of a service without tasks', TASKS, /no task of music\/gateway runs/, (s) => {
      s.ecs.tasks.length = 0;
    }),
    params: DELAY,
  },
  noTemplate(
    'a role that FIS may not take on',
    { code: 'ValidationException', message: 'The role cannot be assumed by FIS.', status: 400 },
    /fis:CreateExperimentTemplate: ValidationException: The role cannot be assumed/,
  ),
  noTemplate(
    'credentials that may make a template, and not tag it',
    { ...DENIED, message: 'not authorized to perform: fis:TagResource' },
    /the credentials may not .*fis:TagResource/,
  ),
  {
    title: 'the first experiment of an account, without the right to make the role of FIS',
    form: SUBNETS,
    before: refusing('StartExperiment', {
      ...DENIED,
      message: 'not authorized to perform: iam:CreateServiceLinkedRole',
    }),
    result: 'INVALID',
    says: /fis:StartExperiment: the credentials may not .*iam:CreateServiceLinkedRole/,
  },
];

function refusing(action: string, fault: typeof DENIED): NonNullable<Case['before']> {
  return (s) => s.troubles.add({ action, trouble: { does: 'refuse', fault } });
}

/** AWS makes no template of an experiment, so that none is started. */
function noTemplate(title: string, fault: typeof DENIED, says: RegExp): Case {
  const before = refusing('CreateExperimentTemplate', fault);
  return { title, form: SUBNETS, before, result: 'INVALID', says, sent: 0 };
}
