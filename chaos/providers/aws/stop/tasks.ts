import type { FaultOf } from '../../../faults/index.ts';
import { many } from '../../../many.ts';
import type { Evidence, Patience, PreparedFault, Resolution, Target } from '../../../provider.ts';
import { type Look, seenBy } from '../../../wait-until.ts';
import type { Account, Caller } from '../account.ts';
import type { EcsPlace, EcsTask } from '../calls/ecs.ts';
import { refuse } from '../errors.ts';
import { faultOnce, type Speed } from '../once.ts';
import { type Order, orderOnce } from '../order.ts';
import { readyOf } from './ready.ts';

/** A task's grace is 30 s unless its definition says more; a new one has to be placed, pulled and started. */
const PATIENCE: Patience = { evidenceMs: 60_000, endMs: 180_000 };

/** Tasks of a service, as many as the drill asks for. Reads only. @throws ProviderError with the reason */
export async function resolveTasks(
  account: Account,
  place: EcsPlace,
  { params }: FaultOf<'stop'>,
  caller: Caller,
  signal: AbortSignal,
): Promise<Resolution> {
  const ecs = await account.ecs();
  const name = `${place.cluster}/${place.service}`;
  const service = await ecs.service(place, signal);
  if (service === undefined || service.status !== 'ACTIVE') {
    throw refuse(
      `there is no active service ${name} in ${account.settings.region}`,
      'correct `ecs` of the component, or the region of the environment',
    );
  }
  if (service.deployments > 1) {
    throw refuse(`${name} is being deployed`, 'wait until the deployment is over: it replaces tasks, too');
  }
  const tasks = [...(await ecs.running(place, signal))]
    .filter(({ status }) => status === 'RUNNING')
    .sort((a, b) => (a.arn < b.arn ? -1 : 1));
  if (tasks.length < params.count) {
    throw refuse(
      `${name} runs ${many(tasks.length, 'task')}, and ${many(params.count, 'is', 'are')} to be stopped`,
      'lower `params.count`, or raise the desired count of the service',
    );
  }
  const ready = readyOf(account, tasks);
  const candidates = tasks.map(
    (task): Target => ({
      label: `task ${task.id} in ${task.zone}`,
      identity: { task: task.arn },
      healthy: ready.includes(task),
      details: [
        `${task.definition}, ${healthText(task, ready.includes(task))}; ${service.running} of ${service.desired} run`,
        `SIGTERM, and SIGKILL when its stopTimeout (30 s unless defined) is over; ordered once by ${caller.arn}, who needs ecs:StopTask on ${task.arn}`,
      ],
    }),
  );
  const targets = [
    ...candidates.filter(({ healthy }) => healthy),
    ...candidates.filter(({ healthy }) => !healthy),
  ];
  return {
    candidates,
    targets: targets.slice(0, params.count),
    healthy: candidates.filter(({ healthy }) => healthy).length,
  };
}

/** StopTask for each target, once; proven by the tasks' own states, which carry the reason that squall gave. */
export async function prepareStop(
  account: Account,
  place: EcsPlace,
  { run, fault }: { readonly run: string; readonly fault: string },
  targets: readonly Target[],
  { speed = 1 }: Speed,
): Promise<PreparedFault> {
  const ecs = await account.ecs();
  const arns = targets.map(({ identity }) => String(identity.task));
  const reason = `squall ${run} ${fault}`;
  const doing = { doing: 'ecs:StopTask', lastsMs: PATIENCE.evidenceMs + PATIENCE.endMs };

  return faultOnce({
    notIn: `no evidence that ${arns.length === 1 ? 'a task' : `${arns.length} tasks`} of ${place.service} stopped`,
    notOut: `no evidence that ${place.service} has replaced what was stopped`,
    patience: PATIENCE,
    speed,
    async order(abort): Promise<Order> {
      const orders: Order[] = [];
      for (const arn of arns) {
        orders.push(
          await orderOnce(account, doing, () => ecs.stop(place.cluster, arn, reason, abort), abort),
        );
      }
      const doubts = orders.flatMap(({ doubt }) => doubt ?? []);
      return {
        sentAt: orders[0]?.sentAt ?? Date.now(),
        doubt: doubts.length === 0 ? undefined : doubts.join('; '),
      };
    },
    async lookIn(order, since, abort): Promise<Look<Evidence>> {
      const tasks = await ecs.tasks(place.cluster, arns, abort);
      const others = tasks.find((task) => task.stoppedReason !== undefined && !isOurs(task));
      if (others !== undefined) {
        return {
          missing: `task ${others.id} was stopped by something else: ${others.stoppedReason}`,
          never: true,
        };
      }
      const still = arns.filter(
        (arn) => !tasks.some((task) => task.arn === arn && isOurs(task) && task.status !== 'RUNNING'),
      );
      if (still.length > 0) return { missing: `${still.length} of ${arns.length} still run` };
      const times = tasks.map((task) => timeOf(task, order, since));
      const at = Math.max(...times.map((time) => time.at));
      return {
        seen: {
          at,
          withinMs: Math.max(...times.map((time) => time.withinMs)),
          seen: tasks.map(({ id, status }) => `task ${id} is ${status}, by "${reason}"`),
        },
      };
    },
    async lookOut(order, since, abort): Promise<Look<Evidence>> {
      const [service, running, stopped] = await Promise.all([
        ecs.service(place, abort),
        ecs.running(place, abort),
        ecs.tasks(place.cluster, arns, abort),
      ]);
      const serving = readyOf(account, running);
      const fresh = serving.filter(
        ({ arn, startedAtAws }) =>
          !arns.includes(arn) &&
          startedAtAws !== undefined &&
          account.clock.ours(startedAtAws).at >= order.sentAt,
      );
      const desired = service?.desired ?? 0;
      if (serving.length < desired || fresh.length < arns.length) {
        return { missing: `${serving.length} of ${desired} run, ${fresh.length} of them new` };
      }
      return {
        seen: seenBy(since, [
          `${serving.length} of ${desired} run again, ${fresh.length} of them new`,
          ...stopped.flatMap(endOf),
        ]),
      };
    },
  });

  function isOurs({ stoppedReason }: EcsTask): boolean {
    return stoppedReason === reason;
  }

  function timeOf(
    { stoppingAtAws }: EcsTask,
    { sentAt }: Order,
    since: number,
  ): { at: number; withinMs: number } {
    const now = Date.now();
    if (stoppingAtAws === undefined) return { at: now, withinMs: now - since };
    const { at, withinMs } = account.clock.ours(stoppingAtAws);
    const known = Math.max(sentAt, Math.min(now, at));
    return { at: known, withinMs: Math.min(withinMs, known - sentAt) };
  }
}

function healthText({ health }: EcsTask, isReady: boolean): string {
  if (health !== 'UNKNOWN') return health.toLowerCase();
  return isReady ? 'without a health check' : 'not yet known to be healthy';
}

/** Whether a task took its chance to end in order: 137 is SIGKILL's. */
function endOf({ id, exitCodes }: EcsTask): string[] {
  if (exitCodes.length === 0) return [];
  const how = exitCodes.includes(137) ? 'SIGKILL, its grace was over' : 'in order';
  return [`task ${id} ended ${how} (exit code ${exitCodes.join(', ')})`];
}
