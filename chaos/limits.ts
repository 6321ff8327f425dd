import { type DrillFault, faultKinds } from './faults/index.ts';
import { countOverTime, type LimitRequest, type Refusal } from './limits-timeline.ts';
import { many } from './many.ts';
import { identityOf } from './provider.ts';
import { isLocal } from './providers/definitions.ts';
import type { Environment } from './schema/environment.ts';

export type { LimitRequest, Refusal } from './limits-timeline.ts';

/**
 * The blast radius: everything in the drill that the environment does not allow. An environment without `allow` allows nothing.
 * Empty means that the drill may start. Pure; the caller asks again with fresh targets right before each injection.
 */
export function checkLimits(request: LimitRequest): Refusal[] {
  return [
    ...request.drill.faults.flatMap((fault) => checkFault(fault, request)),
    ...countOverTime(request),
    ...uselessApprovals(request),
  ];
}

function checkFault(fault: DrillFault, request: LimitRequest): Refusal[] {
  const { components, name } = request.environment;
  const refusals: Refusal[] = [];
  const refuse = (rule: string, fix: string) => refusals.push({ fault: fault.name, rule, fix });

  if (!Object.hasOwn(components, fault.component)) {
    refuse(
      `the component "${fault.component}" is unknown`,
      `add it to \`components\` ${ofEnvironment(name)}`,
    );
  }
  refusals.push(...refusedByAllow(fault, request.environment));
  if (needsApproval(fault, request.environment) && !request.approve.includes(fault.name)) {
    refuse(
      `a ${fault.kind} cannot be undone, and this is not the local environment`,
      `approve it by name: --approve ${fault.name}`,
    );
  }
  checkTargets(fault, request.resolutions, refuse);
  return refusals;
}

/** The part of the limits that needs no targets: kinds, components and durations that `allow` does not list. */
export function refusedByAllow(
  fault: DrillFault,
  environment: Pick<Environment, 'name' | 'allow'>,
): Refusal[] {
  const { allow } = environment;
  const at = ofEnvironment(environment.name);
  const refusals: Refusal[] = [];
  const refuse = (rule: string, fix: string) => refusals.push({ fault: fault.name, rule, fix });
  if (allow === undefined) {
    refuse(
      'nothing may be hit here: the environment has no `allow`',
      `add \`allow: { kinds: [${fault.kind}], components: [${fault.component}] }\` at the top ${at}`,
    );
  } else {
    if (!allow.kinds.includes(fault.kind)) {
      refuse(
        `faults of the kind ${fault.kind} are not allowed`,
        `add ${fault.kind} to \`allow.kinds\` ${at}`,
      );
    }
    if (allow.components !== undefined && !allow.components.includes(fault.component)) {
      refuse(
        `the component "${fault.component}" may not be hit`,
        `add ${fault.component} to \`allow.components\` ${at}`,
      );
    }
    if ('for' in fault && fault.for > allow.maxDuration) {
      refuse(
        `it lasts ${fault.for / 1000} s, and at most ${allow.maxDuration / 1000} s are allowed`,
        `make \`for\` shorter, or raise \`allow.maxDuration\` ${at}`,
      );
    }
  }
  return refusals;
}

function ofEnvironment(name: string): string {
  return `of the environment "${name}"`;
}

/** Local means both: the environment's name, and a provider that hits nothing but this machine. */
export function needsApproval(fault: DrillFault, environment: LimitRequest['environment']): boolean {
  if (faultKinds[fault.kind].reversible) return false;
  const component = Object.hasOwn(environment.components, fault.component)
    ? environment.components[fault.component]
    : undefined;
  return environment.name !== 'local' || component === undefined || !isLocal(component);
}

function checkTargets(
  fault: DrillFault,
  resolutions: LimitRequest['resolutions'],
  refuse: (rule: string, fix: string) => void,
): void {
  const found = Object.hasOwn(resolutions, fault.name) ? resolutions[fault.name] : undefined;
  if (found === undefined) {
    refuse('its targets have not been resolved', 'run `squall plan` and see what the provider says');
    return;
  }
  if (found.targets.length === 0) {
    refuse(
      `"${fault.component}" matches nothing that is there now`,
      'start the component, or correct its selector in the environment',
    );
  }
  const candidates = new Set(found.candidates.map(identityOf));
  const strangers = found.targets.filter((target) => !candidates.has(identityOf(target)));
  if (strangers.length > 0) {
    refuse(
      'it would hit something that its selector does not match',
      'this is a defect of the provider: report it',
    );
  }
  const count = 'count' in fault.params ? fault.params.count : undefined;
  const distinct = new Set(found.targets.map(identityOf)).size;
  if (count !== undefined && distinct !== count && distinct > 0) {
    refuse(
      `it asks for ${many(count, 'target')} and would hit ${distinct} (${many(found.candidates.length, 'is', 'are')} there)`,
      'change `params.count`, or start more replicas',
    );
  }
}

function uselessApprovals({ approve, drill }: LimitRequest): Refusal[] {
  const known = drill.faults.map((fault) => fault.name);
  return approve
    .filter((name) => !known.includes(name))
    .map((name) => ({
      fault: undefined,
      rule: `--approve ${JSON.stringify(name)} names no fault of this drill`,
      fix: `faults: ${known.join(', ') || 'none'}`,
    }));
}
