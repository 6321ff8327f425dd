import type { FaultOf } from '../../../faults/index.ts';
import type { AwsSettings, FisForm } from '../component.ts';

export type FisFault = FaultOf<'partition'> | FaultOf<'latency'>;
type Delayed = NonNullable<FisForm['tasks']>;

/** What an experiment does to what, in AWS's terms and in words. */
export interface FisEffect {
  readonly label: string;
  readonly identity: Readonly<Record<string, string>>;
  readonly details: readonly string[];
  /** What FIS alone says then. */
  readonly done: string;
  readonly undone: string;
  /** The one target and the one action of a template. */
  readonly targets: object;
  readonly action: { readonly actionId: string; readonly parameters: object; readonly targets: object };
}

export function effectOf(
  settings: AwsSettings,
  component: string,
  form: FisForm,
  fault: FisFault,
  minutes: number,
): FisEffect {
  const { subnets, tasks } = form;
  if (fault.kind === 'latency' && tasks !== undefined) return delay(component, tasks, fault, minutes);
  if (fault.kind === 'partition' && subnets !== undefined)
    return cut(settings, component, { ...form, subnets }, minutes);
  throw new TypeError(`FIS does no ${fault.kind} of ${subnets === undefined ? 'tasks' : 'subnets'}`);
}

function cut(
  { region, account }: AwsSettings,
  component: string,
  { subnets, scope, prefixList, role }: FisForm & { readonly subnets: readonly string[] },
  minutes: number,
): FisEffect {
  // `aws`, and others in China and for the US government.
  const partition = role.split(':')[1];
  return {
    label: `${component}: ${subnets.join(', ')} from ${prefixList ?? scope}`,
    identity: { subnets: [...subnets].sort().join(' '), scope: prefixList ?? scope },
    details: [
      'by cloned network ACLs: what goes on within a subnet goes on, and open connections are cut as well',
    ],
    done: 'cut the subnets off',
    undone: 'the subnets are connected again',
    targets: {
      hit: {
        resourceType: 'aws:ec2:subnet',
        resourceArns: subnets.map((subnet) => `arn:${partition}:ec2:${region}:${account}:subnet/${subnet}`),
        selectionMode: 'ALL',
      },
    },
    action: {
      actionId: 'aws:network:disrupt-connectivity',
      parameters: {
        duration: `PT${minutes}M`,
        scope,
        ...(prefixList !== undefined && { prefixListIdentifier: prefixList }),
      },
      targets: { Subnets: 'hit' },
    },
  };
}

/** Of what the tasks send: an agent in each of them does it, so their task definition must allow it. */
function delay(
  component: string,
  { cluster, service, sources }: Delayed,
  { params }: FaultOf<'latency'>,
  minutes: number,
): FisEffect {
  const place = `${cluster}/${service}`;
  const to = sources === undefined ? 'everything' : sources.join(', ');
  return {
    label: `${component}: tasks of ${place}, to ${to}`,
    identity: { service: place, sources: [...(sources ?? [])].sort().join(' ') },
    details: [
      'what the tasks send over IPv4 is delayed, answers to users included; what they receive is not',
      'their task definition needs enableFaultInjection, pidMode task and the SSM agent beside the application',
    ],
    done: 'delayed the tasks',
    undone: 'the tasks are not delayed any more',
    targets: {
      hit: { resourceType: 'aws:ecs:task', parameters: { cluster, service }, selectionMode: 'ALL' },
    },
    action: {
      actionId: 'aws:ecs:task-network-latency',
      parameters: {
        duration: `PT${minutes}M`,
        delayMilliseconds: String(Math.round(params.delay)),
        // Left out it would be 10.
        jitterMilliseconds: String(Math.round(params.jitter ?? 0)),
        ...(sources !== undefined && { sources: sources.join(',') }),
        useEcsFaultInjectionEndpoints: 'true',
      },
      targets: { Tasks: 'hit' },
    },
  };
}
