import type { StandIn } from '../../../chaos/providers/aws/fixtures/stand-in.ts';
import { DENIED } from '../../../chaos/providers/aws/fixtures/trouble.ts';
import { SERVICE } from '../../../chaos/providers/aws/fixtures/world.ts';
import { type Case, refusal } from './case.ts';

/** Tasks of ECS. */
export const tasks: Case[] = [
  {
    title: 'a task stops, and another takes its place',
    form: SERVICE,
    result: 'PASS',
    says: /no request failed/,
  },
  {
    title: 'a task that does not end in its grace: the report says SIGKILL',
    form: SERVICE,
    before: (s) => {
      s.stage.ending = 'killed';
    },
    result: 'PASS',
    says: /no request failed/,
  },
  {
    title: 'a task whose place nothing takes',
    form: SERVICE,
    before: (s) => {
      s.stage.ending = 'never-completes';
    },
    result: 'INVALID',
    says: /no evidence that gateway has replaced .*: 2 of 3 run, 0 of them new/,
  },
  {
    title: '200, and no task stops',
    form: SERVICE,
    before: (s) => s.troubles.add({ action: 'StopTask', trouble: { does: 'ignore' } }),
    result: 'INVALID',
    says: /no evidence that a task of gateway stopped: 1 of 1 still run/,
  },
  {
    title: 'a task that something else has stopped meanwhile',
    form: SERVICE,
    before: (s) => s.troubles.add({ action: 'StopTask', trouble: { does: 'ignore' } }),
    planned: (s) =>
      Object.assign(s.ecs.tasks[0] ?? {}, { stoppedReason: 'Essential container in task exited' }),
    result: 'INVALID',
    says: /was stopped by something else: Essential container in task exited/,
  },
  {
    title: 'a task that AWS takes back itself (Fargate Spot)',
    form: SERVICE,
    before: (s) => s.troubles.add({ action: 'StopTask', trouble: { does: 'ignore' } }),
    planned: (s) =>
      Object.assign(s.ecs.tasks[0] ?? {}, {
        stopCode: 'SpotInterruption',
        stoppedReason: 'Your Spot Task was interrupted.',
      }),
    result: 'INVALID',
    says: /was stopped by something else: Your Spot Task was interrupted/,
  },
  {
    title: 'an order to stop whose connection is reset after it was carried out',
    form: SERVICE,
    before: (s) => s.troubles.add({ action: 'StopTask', trouble: { does: 'reset', carriedOut: true } }),
    result: 'PASS',
    says: /no request failed/,
  },
  {
    title: 'an order to stop that is refused for want of the right',
    form: SERVICE,
    before: (s) =>
      s.troubles.add({
        action: 'StopTask',
        trouble: { does: 'refuse', fault: { ...DENIED, code: 'AccessDeniedException' } },
      }),
    result: 'INVALID',
    says: /ecs:StopTask: the credentials may not/,
  },
  refusal(
    'a service that is not there',
    { ecs: { cluster: 'music', service: 'nowhere' } },
    /no active service music\/nowhere/,
  ),
  refusal(
    'a cluster of ECS that is not there',
    { ecs: { cluster: 'nowhere', service: 'gateway' } },
    /no active service/,
  ),
  refusal('a service that is being deployed', SERVICE, /is being deployed/, (s) => {
    serviceOf(s).deployments?.push({ status: 'ACTIVE' });
  }),
  {
    ...refusal('more tasks than run', SERVICE, /runs 3 tasks, and 4 are to be stopped/),
    params: { count: 4 },
  },
];

const serviceOf = ({ ecs }: StandIn) => ecs.services[0] as NonNullable<(typeof ecs.services)[0]>;
