import type { DrillFault } from '../../faults/index.ts';
import {
  type FaultRequest,
  type Provider,
  ProviderError,
  type Resolution,
  type UndoRecord,
} from '../../provider.ts';
import type { Environment } from '../../schema/environment.ts';
import { type Account, type AccountOptions, openAccount } from './account.ts';
import type { AwsComponent, AwsSettings } from './component.ts';
import { refuse } from './errors.ts';
import { prepareCluster, resolveCluster } from './failover/cluster.ts';
import { prepareInstance, resolveInstance } from './failover/instance.ts';
import { prepareShard, resolveShard } from './failover/shard.ts';
import type { FisFault } from './fis/effects.ts';
import { prepareExperiment, resolveExperiment } from './fis/experiment.ts';
import { FAULT_TAG, findLeft, RUN_TAG } from './fis/experiments.ts';
import { STOP_EXPERIMENT, undoExperiment, undoRecord } from './fis/undo.ts';
import { LOOK_EVERY_MS, type Speed } from './once.ts';
import { type CostAnswers, readProbe } from './probes/read.ts';
import { DELETE_OBJECT, deleteObject, findObjects } from './probes/storage.ts';
import { prepareStop, resolveTasks } from './stop/tasks.ts';
import { cannotTell } from './use.ts';

export interface AwsOptions extends AccountOptions, Speed {}

/** Of an order that is to be given later the credentials must last beyond it, and beyond what is watched afterwards. */
const AFTER_THE_FAULT_MS = 360_000;

/** Faults in an AWS account. Each client is loaded when its service is first used. */
export function createAwsProvider(options: AwsOptions = {}): Provider {
  const accounts = new Map<string, Account>();
  /** Probes ask often: who we are is asked before the first. */
  const checked = new Set<Account>();
  const costs: CostAnswers = new Map();
  /** When a fault of a run was asked about for the first time: what is left until it is due counts from there. */
  const firstAsked = new Map<string, number>();

  return {
    name: 'aws',
    async resolve(request, signal) {
      signal.throwIfAborted();
      const account = accountOf(request.environment);
      const { fault } = request;
      const lastsMs = ('for' in fault ? fault.for : 0) + AFTER_THE_FAULT_MS;
      const caller = await account.check(signal, lastsMs, untilDueMs(request));
      return await resolveIn(account, request, caller, signal);
    },
    async open() {
      return {
        watchUse: (request) => cannotTell(ours(request)),
        async prepare(request, targets, signal) {
          signal.throwIfAborted();
          const account = accountOf(request.environment);
          const { rds, elasticache, ecs, fis } = ours(request);
          if (fis !== undefined && isOfFis(request.fault)) {
            return await prepareExperiment(
              account,
              { run: request.run, componentName: request.componentName, fault: request.fault, form: fis },
              options,
            );
          }
          if (ecs !== undefined) {
            return await prepareStop(
              account,
              ecs,
              { run: request.run, fault: request.fault.name },
              targets,
              options,
            );
          }
          if (elasticache !== undefined)
            return await prepareShard(account, elasticache, targets, signal, options);
          if (rds?.cluster !== undefined) {
            return await prepareCluster(
              account,
              { cluster: rds.cluster, to: rds.to },
              targets,
              signal,
              options,
            );
          }
          return await prepareInstance(account, rds?.instance ?? '', targets, signal, options);
        },
        async close() {},
      };
    },
    async probe(request, signal) {
      const { component, probe } = request;
      if (component.provider !== 'aws') throw refuse(`${probe.component} is not on AWS`, 'ask its provider');
      const account = accountOf(request.environment);
      if (!checked.has(account)) await account.check(signal, 0);
      checked.add(account);
      return await readProbe(account, component, request, costs, signal);
    },
    async undo(record, signal) {
      if (record.action === DELETE_OBJECT) return await deleteObject(record, accountFor, signal);
      if (record.action !== STOP_EXPERIMENT) {
        return { state: 'failed', detail: `the provider aws knows no undo by the name of ${record.action}` };
      }
      return await undoExperiment(record, accountFor, signal, LOOK_EVERY_MS / (options.speed ?? 1));
    },
    async findResidue({ environment, run }, signal) {
      const { aws, components } = environment;
      const ours = Object.values(components).filter((one) => one.provider === 'aws');
      const cuts = ours.some(({ fis }) => fis !== undefined);
      const buckets = ours.flatMap(({ s3 }) => s3 ?? []);
      if (aws === undefined || (!cuts && buckets.length === 0)) return [];
      const account = accountFor(aws);
      await account.check(signal, 0);
      const records: UndoRecord[] = [];
      if (cuts) {
        const { experiments, templates } = await findLeft(await account.fis(), { run }, signal);
        for (const { tags } of [...experiments, ...templates])
          records.push(undoRecord(aws, tags[RUN_TAG] ?? '', tags[FAULT_TAG] ?? ''));
      }
      for (const bucket of buckets) records.push(...(await findObjects(account, bucket, run, signal)));
      return [...new Map(records.map((record) => [JSON.stringify(record.data), record])).values()];
    },
  };

  /** A fault is looked up when it is planned, and again right before it goes in. */
  function untilDueMs({ run, fault }: FaultRequest): number {
    const key = `${run} ${fault.name}`;
    const asked = firstAsked.get(key) ?? Date.now();
    firstAsked.set(key, asked);
    return Math.max(0, asked + fault.at - Date.now());
  }

  /** One per account, region, profile and endpoint: its clock is known better with each call. */
  function accountOf(environment: Environment): Account {
    if (environment.aws === undefined) {
      throw refuse(
        `the environment "${environment.name}" names no account`,
        'add `aws: { account: "…", region: … }` to it',
      );
    }
    return accountFor(environment.aws);
  }

  function accountFor(aws: AwsSettings): Account {
    const key = JSON.stringify(aws);
    const account = accounts.get(key) ?? openAccount(aws, options);
    accounts.set(key, account);
    return account;
  }
}

async function resolveIn(
  account: Account,
  request: FaultRequest,
  caller: Awaited<ReturnType<Account['check']>>,
  signal: AbortSignal,
): Promise<Resolution> {
  const { rds, elasticache, ecs, fis } = ours(request);
  if (fis !== undefined && isOfFis(request.fault)) {
    return await resolveExperiment(account, request.componentName, fis, request.fault, caller, signal);
  }
  if (ecs !== undefined && request.fault.kind === 'stop') {
    return await resolveTasks(account, ecs, request.fault, caller, signal);
  }
  if (request.fault.kind !== 'failover' || request.fault.params.mode !== 'kill') {
    throw refuse(
      `component ${request.componentName}: AWS does no ${request.fault.kind} of this form`,
      'use a failover with `mode: kill`, `stop` of a service, `partition` of subnets, or `latency` of tasks',
    );
  }
  if (elasticache !== undefined) return await resolveShard(account, elasticache, caller, signal);
  if (rds?.cluster !== undefined) {
    return await resolveCluster(account, { cluster: rds.cluster, to: rds.to }, caller, signal);
  }
  if (rds?.instance !== undefined) return await resolveInstance(account, rds.instance, caller, signal);
  throw new ProviderError(`component ${request.componentName} names nothing on AWS`);
}

function ours({ component, componentName }: FaultRequest): AwsComponent {
  if (component.provider !== 'aws')
    throw refuse(`component ${componentName} is not on AWS`, 'ask its provider');
  const { rds, elasticache } = component;
  // AWS keeps these names in lower case, and tells of them so in its events.
  return {
    ...component,
    ...(rds && {
      rds: {
        instance: rds.instance?.toLowerCase(),
        cluster: rds.cluster?.toLowerCase(),
        to: rds.to?.toLowerCase(),
      },
    }),
    ...(elasticache && { elasticache: { ...elasticache, group: elasticache.group.toLowerCase() } }),
  };
}

function isOfFis(fault: DrillFault): fault is FisFault {
  return fault.kind === 'partition' || fault.kind === 'latency';
}
