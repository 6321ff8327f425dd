import { faultKinds } from '../../chaos/faults/index.ts';
import type { FaultResult, ObjectiveResult, ProbeResult, WritesResult } from '../verdict.types.ts';

/** What a person can do about a row that is not PASS: whole sentences. Undefined: the reason itself says it, or it passed. */
export function objectiveAdvice(row: ObjectiveResult): string | undefined {
  const { result, phase, measured, samples } = row;
  if (result === 'PASS') return undefined;
  if (row.byMachine) return MACHINE_ADVICE;
  const where = phase === 'all' ? 'the whole run' : phase;
  if (row.busyShare !== undefined)
    return `The target shares this machine with the load, and its processors were ${Math.floor(100 * row.busyShare)} % busy in ${where}: lower the rate, or generate the load on another machine, to see what the target does alone.`;
  if (result === 'FAIL') return `Look at ${where} on the report's timeline, and at what the target did then.`;
  if (measured === null && samples === 0)
    return 'Compare the tags in `where` with what the script sends, and let the load reach this phase.';
  return 'Raise the rate of the load or the length of the phase, or lower `minSamples`.';
}

/** For a machine that cannot generate the load and measure it. */
export const MACHINE_ADVICE =
  'End other work on this machine, lower the rate of the load, or generate it on another machine; then run again.';

export function faultAdvice(fault: FaultResult): string | undefined {
  if (fault.result === 'PASS') return undefined;
  if (fault.result === 'FAIL') return failedAdvice(fault);
  const { injectedAt, removedAt, targets, legs, noticed, unnoticed, component } = fault;
  if (injectedAt === null && targets.length === 0)
    return 'Let the load last longer than the time at which the fault is due, and run again.';
  if (injectedAt === null)
    return `Check with \`squall plan\` that ${component} is what you mean, and that the provider may do this to it; then run again.`;
  if (removedAt === null && isLasting(fault.kind))
    return 'Run the commands that are printed if something is left behind, or `squall recover`; then look into why it could not be undone.';
  if (removedAt === null)
    return `See what brings ${component} back, and whether it comes back on the same ports; give it time before the load ends.`;
  const used = legs.use.find(({ when }) => when === 'steady')?.inUse;
  if (noticed.length === 0 && used === false)
    return `Make the load use ${component}, or name a component that it uses: \`squall plan\` shows who is connected.`;
  if (noticed.length === 0 && used === null && !unnoticed)
    return `Make the load use ${component} so that it shows; or say \`expect: { unnoticed: true }\`, if users should see nothing of it.`;
  const unclear = fault.expectations.find(({ result }) => result === 'INVALID');
  if (unclear?.byMachine) return MACHINE_ADVICE;
  if (unclear?.name === 'detectWithin')
    return 'Give the environment `alerts: { listen: … }`, and send alerts to it that it can take: the report lists what was refused.';
  return 'Let the load go on longer after the fault, with more requests, and run again.';
}

export function probeAdvice({ result }: ProbeResult): string | undefined {
  if (result === 'PASS') return undefined;
  if (result === 'FAIL') return "Look at what else happened then on the report's timeline.";
  return 'See whether what it asks can be reached from here, and run again.';
}

export function writesAdvice({ result, lost, acknowledged }: WritesResult): string | undefined {
  if (result === 'PASS') return undefined;
  if (result === 'FAIL')
    return `Look the ${lost > 0 ? 'missing' : 'duplicated'} ids up in the target: the report names them all.`;
  if (acknowledged === 0) return 'Use a script that writes, and counts what is acknowledged.';
  return 'Check `writes` in the environment, and that the target can be asked after the load.';
}

/** Squall takes such a fault away itself. */
function isLasting(kind: string): boolean {
  return faultKinds[kind as keyof typeof faultKinds]?.lasting ?? false;
}

function failedAdvice({ expectations, component }: FaultResult): string {
  const failed = expectations.find(({ result }) => result === 'FAIL');
  if (failed?.name === 'detectWithin')
    return `See that a firing alert with component=${component} reaches \`alerts.listen\`; the report lists what arrived.`;
  return 'Look at its outages in the report: by request, and when each was bad.';
}
