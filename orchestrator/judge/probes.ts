import { type DrillProbe, probeKinds, probeTimeMs } from '../../chaos/probes/index.ts';
import type { JournalLine, RunStarted } from '../journal/events.ts';
import { readableMs } from '../objectives/number-text.ts';
import type { ProbeResult } from '../verdict.types.ts';
import type { FaultTimes } from './fault-times.ts';
import { of } from './findings.ts';

/** One row for each planned probe, with how long it took; one that never reported, or was never answered, is INVALID. */
export function judgeProbes(
  started: RunStarted,
  lines: readonly JournalLine[],
  faults: readonly FaultTimes[],
  cutAt: number | null = null,
): ProbeResult[] {
  const reported = lines.flatMap(({ at, event }) => (event.type === 'probe' ? [{ at, event }] : []));
  const firstSampleAt = of(lines, 'first-sample')[0]?.time ?? null;
  return started.drill.probes.map((probe) => {
    const target = probeTarget(probe);
    const found = reported.findLast(({ event }) => event.name === probe.name);
    const fault = faults.find((one) => one.fault.name === probe.after);
    const before =
      fault === undefined ? reported.findLast(({ event }) => event.name === probe.after)?.event : undefined;
    const row = (measured: string, result: ProbeResult['result'], notMeasured: boolean): ProbeResult => ({
      name: probe.name,
      target,
      measured,
      result,
      ...(probe.after === undefined ? {} : { after: probe.after }),
      ...(notMeasured && result === 'INVALID' ? { notMeasured } : {}),
    });
    if (found === undefined && before?.ok === false)
      return row(`did not start, because ${before.name} did not hold`, 'INVALID', true);
    // It starts with the proof of its fault.
    if (found === undefined)
      return row('did not report', 'INVALID', cutAt !== null || fault?.injectedAt === null);
    const { event: report } = found;
    // The clocks of orchestrator/observe/probe-watch.ts.
    const { clock } = probeKinds[probe.kind];
    const faultAt = (clock === 'injecting' ? fault?.injectingAt : fault?.injectedAt) ?? null;
    const startAt = probe.after === undefined ? firstSampleAt : (before?.time ?? faultAt);
    const took = report.time === null || startAt === null ? null : Math.max(0, report.time - startAt);
    // What has to last ends when its time is up.
    const isMoment = took !== null && probe.within !== undefined;
    const measured = isMoment ? `${report.detail}, after ${readableMs(took)}` : report.detail;
    const missed = report.unanswered ? 'INVALID' : 'FAIL';
    // Evidence of the fault may come long after its injection, and the watch begins with the evidence.
    const isLate = isMoment && took > (probe.within as number);
    return row(measured, report.ok && !isLate ? 'PASS' : missed, cutAt !== null && found.at >= cutAt);
  });
}

/** What a probe asks for, e.g. `at least 10 replicas of gateway within 2 min of the first sample`. */
export function probeTarget(probe: DrillProbe): string {
  const start = probe.after ?? 'the first sample';
  const time = readableMs(probeTimeMs(probe));
  const wanted = probeKinds[probe.kind].wanted(probe);
  return probe.within === undefined
    ? `${wanted} for ${time} after ${start}`
    : `${wanted} within ${time} of ${start}`;
}
