import type { FaultRequest } from '../../provider.ts';
import { refuse } from './errors.ts';
import type { Pod } from './pods.ts';

/**
 * The first of the pods that come back after the fault: to kill one that nothing recreates is damage, and no test.
 * @throws ProviderError when that leaves too few
 */
export function chooseTargets(
  ready: readonly Pod[],
  count: number,
  { fault, componentName }: Pick<FaultRequest, 'fault' | 'componentName'>,
): readonly Pod[] {
  const lost = ready.flatMap((pod) => {
    const why = whyGoneForGood(fault.kind, pod);
    return why === undefined ? [] : [{ pod, why }];
  });
  const targets = ready.filter((pod) => !lost.some((one) => one.pod === pod)).slice(0, count);
  const [first] = lost;
  if (first === undefined || targets.length === count) return targets;
  const pods = lost.length === 1 ? '' : ` (and ${lost.length - 1} more like it)`;
  throw refuse(
    `fault ${fault.name} would have to ${fault.kind} the pod ${first.pod.namespace}/${first.pod.name}${pods}, which ${first.why}`,
    `let a deployment or stateful set make the pods of ${componentName}, narrow its labels, or lower \`count:\``,
  );
}

function whyGoneForGood(kind: string, { controller, neverRestarts }: Pod): string | undefined {
  if (kind === 'container-kill')
    return neverRestarts ? 'does not start its containers again (restartPolicy: Never)' : undefined;
  if (kind !== 'kill') return undefined;
  if (controller === undefined) return 'nothing would create again: it has no controller';
  return controller.kind === 'Job' ? `is of the job ${controller.name}: its work would be lost` : undefined;
}
