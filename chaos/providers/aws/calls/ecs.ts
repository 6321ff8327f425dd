import { exportsOf } from '../../../exports-of.ts';
import { codeOf } from '../errors.ts';
import { type ClientParts, everyPage } from './parts.ts';

export interface EcsService {
  readonly status: string;
  readonly desired: number;
  readonly running: number;
  /** More than one: a new version is being rolled out. */
  readonly deployments: number;
  /** Of the newest: IN_PROGRESS, COMPLETED, FAILED; undefined where something else deploys (CodeDeploy). */
  readonly rollout: string | undefined;
}

export interface EcsTask {
  readonly arn: string;
  /** The last part of its ARN. */
  readonly id: string;
  /** RUNNING, DEACTIVATING, STOPPING, DEPROVISIONING, STOPPED, … */
  readonly status: string;
  /** UNKNOWN where its containers have no health check, or it has not answered yet. */
  readonly health: string;
  readonly zone: string;
  readonly definition: string;
  readonly startedAtAws: number | undefined;
  readonly stoppingAtAws: number | undefined;
  readonly stoppedReason: string | undefined;
  readonly exitCodes: readonly number[];
}

export interface EcsPlace {
  readonly cluster: string;
  readonly service: string;
}

export interface EcsCalls {
  /** Undefined when there is none of this name. */
  service(of: EcsPlace, signal: AbortSignal): Promise<EcsService | undefined>;
  /** Those that the service wants to run. */
  running(of: EcsPlace, signal: AbortSignal): Promise<readonly EcsTask[]>;
  /** Also stopped ones, for about an hour; those that AWS has forgotten are left out. */
  tasks(cluster: string, arns: readonly string[], signal: AbortSignal): Promise<readonly EcsTask[]>;
  /** An order: sent once, whatever becomes of it. Errors are AWS's own. */
  stop(cluster: string, arn: string, reason: string, signal: AbortSignal): Promise<void>;
}

/** DescribeTasks takes no more. */
const TASKS_AT_ONCE = 100;

/** Loads the client of ECS. */
export async function ecsCalls(parts: ClientParts): Promise<EcsCalls> {
  const sdk = exportsOf(await import('@aws-sdk/client-ecs'));
  const client = new sdk.ECSClient(parts.optionsFor(false));
  parts.watch(client);
  const calls: EcsCalls = {
    async service({ cluster, service }, signal) {
      try {
        const found = await client.send(new sdk.DescribeServicesCommand({ cluster, services: [service] }), {
          abortSignal: signal,
        });
        const one = found.services?.[0];
        return (
          one && {
            status: one.status ?? 'unknown',
            desired: one.desiredCount ?? 0,
            running: one.runningCount ?? 0,
            deployments: one.deployments?.length ?? 0,
            rollout: one.deployments?.find(({ status }) => status === 'PRIMARY')?.rolloutState,
          }
        );
      } catch (cause) {
        if (codeOf(cause) === 'ClusterNotFoundException') return undefined;
        throw parts.explain(cause, 'ecs:DescribeServices');
      }
    },
    async running({ cluster, service }, signal) {
      const arns = await everyPage(async (nextToken) => {
        try {
          const found = await client.send(
            new sdk.ListTasksCommand({
              cluster,
              serviceName: service,
              desiredStatus: 'RUNNING',
              ...(nextToken !== undefined && { nextToken }),
            }),
            { abortSignal: signal },
          );
          return { items: found.taskArns ?? [], marker: found.nextToken };
        } catch (cause) {
          throw parts.explain(cause, 'ecs:ListTasks');
        }
      });
      return await calls.tasks(cluster, arns, signal);
    },
    async tasks(cluster, arns, signal) {
      const all: EcsTask[] = [];
      for (let at = 0; at < arns.length; at += TASKS_AT_ONCE) {
        try {
          const tasks = arns.slice(at, at + TASKS_AT_ONCE);
          const found = await client.send(new sdk.DescribeTasksCommand({ cluster, tasks }), {
            abortSignal: signal,
          });
          all.push(...(found.tasks ?? []).map(toTask));
        } catch (cause) {
          throw parts.explain(cause, 'ecs:DescribeTasks');
        }
      }
      return all;
    },
    async stop(cluster, task, reason, signal) {
      const one = new sdk.ECSClient(parts.optionsFor(true));
      parts.watch(one);
      try {
        await one.send(new sdk.StopTaskCommand({ cluster, task, reason }), { abortSignal: signal });
      } finally {
        one.destroy();
      }
    },
  };
  return calls;
}

function toTask(one: import('@aws-sdk/client-ecs').Task): EcsTask {
  const arn = one.taskArn ?? '';
  return {
    arn,
    id: arn.split('/').at(-1) ?? arn,
    status: one.lastStatus ?? 'unknown',
    health: one.healthStatus ?? 'UNKNOWN',
    zone: one.availabilityZone ?? 'unknown',
    definition: one.taskDefinitionArn?.split('/').at(-1) ?? 'unknown',
    startedAtAws: one.startedAt?.getTime(),
    stoppingAtAws: one.stoppingAt?.getTime(),
    stoppedReason: one.stoppedReason,
    exitCodes: (one.containers ?? []).flatMap(({ exitCode }) => exitCode ?? []),
  };
}
