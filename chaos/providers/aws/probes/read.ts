import type { ProbeReading, ProbeRequest } from '../../../provider.ts';
import type { Account } from '../account.ts';
import type { AwsComponent } from '../component.ts';
import { refuse } from '../errors.ts';
import { readAlarm } from './alarm.ts';
import { readCost } from './cost.ts';
import { readLevel } from './level.ts';
import { readRoundTrip, readSettings } from './storage.ts';
import { readTasks } from './tasks.ts';

/** What is asked for once, by the day and the question. */
export type CostAnswers = Map<string, Promise<ProbeReading>>;

/** Asks the probe's component once. @throws ProviderError when it cannot tell, or is no such component */
export async function readProbe(
  account: Account,
  component: AwsComponent,
  request: ProbeRequest,
  costs: CostAnswers,
  signal: AbortSignal,
): Promise<ProbeReading> {
  const { probe, since } = request;
  const { ecs, cloudwatch, s3 } = component;
  switch (probe.kind) {
    case 'replicas':
    case 'rollout':
    case 'ready-within':
      if (ecs !== undefined) return await readTasks(account, probe, ecs, signal);
      break;
    case 'alarm':
      if (cloudwatch?.alarm !== undefined)
        return await readAlarm(account, probe, cloudwatch.alarm, signal, since);
      break;
    case 'level':
      if (cloudwatch?.metric !== undefined) {
        const { period, ...metric } = cloudwatch.metric;
        return await readLevel(account, probe, { ...metric, periodSeconds: period / 1_000 }, signal, since);
      }
      break;
    case 'round-trip':
      if (s3 !== undefined) return await readRoundTrip(account, request, s3, signal);
      break;
    case 'storage-settings':
      if (s3 !== undefined) return await readSettings(account, probe, s3, signal);
      break;
    case 'cost':
      if (component.costs !== undefined) {
        // By AWS's clock, which books by it.
        const today = new Date(Date.now() + account.clock.offsetMs()).toISOString().slice(0, 10);
        const { budget } = component.costs;
        const key = JSON.stringify([account.settings, probe, today]);
        const answer = costs.get(key) ?? readCost(account, probe, budget, today, signal);
        costs.set(key, answer);
        answer.catch(() => costs.delete(key));
        return await answer;
      }
  }
  throw refuse(
    `${probe.component} answers no probe of kind ${probe.kind}`,
    `ask ${NEEDS[probe.kind]}${ecs === undefined ? '' : ', or ask this service for replicas, rollout or ready-within'}`,
  );
}

const NEEDS = {
  replicas: 'a component with `ecs`',
  rollout: 'a component with `ecs`',
  'ready-within': 'a component with `ecs`',
  alarm: 'a component with `cloudwatch: { alarm }`',
  level: 'a component with `cloudwatch: { metric }`',
  'round-trip': 'a component with `s3`',
  'storage-settings': 'a component with `s3`',
  cost: 'a component with `costs`',
  traffic: 'a service of Cloud Run (provider google)',
} as const;
