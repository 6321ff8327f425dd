import path from 'node:path';
import type { JournalLine, RunStarted } from '../journal/events.ts';
import type { LostTime } from '../machine/lost-time.ts';
import { spentBudget } from '../objectives/error-budget.ts';
import { type MeterPlan, planMeter } from '../objectives/kinds/index.ts';
import type { Meter } from '../objectives/meter.ts';
import { iso } from '../objectives/number-text.ts';
import { readRecording, recordingOf } from '../samples/recording/recording.ts';
import { createView } from '../samples/recording/view.ts';
import { percentile } from '../statistics/histogram.ts';
import { asResidue, outstanding } from '../undo.ts';
import type { FaultResult, PhaseResult, Residue, Verdict } from '../verdict.types.ts';
import { type Collected, type Collector, createCollector } from './collect.ts';
import { streamsOf } from './events.ts';
import { type FaultTimes, faultTimes } from './fault-times.ts';
import { judgeFault } from './faults.ts';
import { cutOf, wasUnreached } from './finding.ts';
import { findingsOf, of } from './findings.ts';
import type { LoadRead } from './load-findings.ts';
import { allRunnersAt } from './load-runners.ts';
import { lostTimeIn, machineIn, shortageIn } from './machine.ts';
import { isMissed, judgeObjective } from './objective-rows.ts';
import { impactsOf, inFaultOf } from './outages/impacts.ts';
import {
  cutPhases,
  indexPhases,
  isStretched,
  type LoadSpan,
  type Phase,
  stretchedPhases,
  WARM_UP,
} from './phases.ts';
import { judgeProbes } from './probes.ts';
import { unheard } from './scenarios.ts';
import { threwUnseen } from './thrown.ts';
import { tracesIn } from './trace-log.ts';
import type { Judgement, RecordedRun } from './types.ts';
import { judgesThresholds } from './unproven.ts';
import { planOpen } from './unseen.ts';
import { decide } from './verdict.ts';
import { judgeWrites } from './writes.ts';

/**
 * Judges a run from what was written down: the journal says when what happened, one pass over the recorded samples says what that
 * did. The same for a run that has just ended and for `squall report` a year later. @throws when the journal has no beginning
 */
export async function judgeRun(run: RecordedRun): Promise<Judgement> {
  const started = run.lines[0]?.event;
  if (started?.type !== 'run-started')
    throw new Error('the journal does not begin with run-started: nothing to judge');
  const faults = faultTimes(run.lines);
  const plans = started.objectives.map(planMeter);
  const pending = plans.flatMap((plan, index) => {
    const open = planOpen(plan);
    return open === null ? [] : [{ index, open }];
  });
  // Runners start one after the other: before the last of them the load is not what it is meant to be.
  const allAt = allRunnersAt(run.lines);
  const warmUntil = warmUntilOf(started, run.lines);
  // Everything after it is inside for the pass; the ends of the load are known after that.
  const open = phasesOf({ faults, plans, warmUntil }, { from: allAt, to: Number.POSITIVE_INFINITY });
  const disturbedFrom = firstInjection(faults);
  const lost = lostTimeIn(run.lines);
  const collector = createCollector({
    plans: [...plans, ...pending.map((one) => one.open)],
    phaseNames: open.map((phase) => phase.name),
    index: indexPhases(open, faults),
    openFrom: plans.length,
    keepFrom: disturbedFrom === null ? null : Math.max(disturbedFrom - RHYTHM_MS, warmUntil),
    disturbedFrom,
    lost,
    streams: streamsOf(started.drill),
    tracesAll: started.traces !== undefined,
  });
  const loads = await readLoads(run, started.drill, collector);
  const collected = collector.finish();
  const verdict = toVerdict({
    run,
    started,
    faults,
    plans,
    pending,
    open,
    warmUntil,
    loads,
    collected,
    lost,
  });
  return { verdict, series: collected.series.finish() };
}

function phasesOf(
  { faults, plans, warmUntil }: Pick<Parts, 'faults' | 'plans' | 'warmUntil'>,
  load: LoadSpan,
): Phase[] {
  const phases = cutPhases(faults, load, warmUntil);
  const asked = plans.map(({ phase }) => phase);
  return [...phases, ...stretchedPhases(asked, phases, load)];
}

/** How much of the steady phase shows the rhythm of the load: its last minute. */
export const RHYTHM_MS = 60_000;

interface Parts {
  readonly run: RecordedRun;
  readonly started: RunStarted;
  readonly faults: readonly FaultTimes[];
  readonly plans: readonly MeterPlan[];
  /** By index in the plans, the counter of what is still open for an objective. Collected behind the plans, in this order. */
  readonly pending: readonly { readonly index: number; readonly open: MeterPlan }[];
  readonly open: readonly Phase[];
  /** When the warm-up ends; before every sample where there is none. */
  readonly warmUntil: number;
  readonly loads: readonly (LoadRead & { readonly folded: boolean })[];
  readonly collected: Collected;
  readonly lost: LostTime | null;
}

function toVerdict(parts: Parts): Verdict {
  const { run, started, faults, plans, pending, open, warmUntil, loads, collected, lost } = parts;
  const { lines } = run;
  const startedAt = (lines[0] as JournalLine).at;
  const endedAt = (lines.at(-1) as JournalLine).at;
  const load = collected.load ?? { from: startedAt, to: endedAt };
  const inPhases = { ...load, from: Math.max(load.from, allRunnersAt(lines)) };
  const phases = phasesOf(parts, inPhases).filter((phase) => phase.to > phase.from);
  const judged = { from: Math.max(load.from, Math.min(warmUntil, load.to)), to: load.to };
  const spanOf = (name: string) =>
    name === 'all' ? judged : (phases.find((one) => one.name === name) ?? null);
  const lengthOf = (name: string) => {
    const phase = spanOf(name);
    return phase ? phase.to - phase.from : 0;
  };
  const folded = loads.some((one) => one.folded);
  const counts = (name: string) => collected.phases[open.findIndex((phase) => phase.name === name)];
  const watchesUse = of(lines, 'fault-use').length > 0;
  const impacts = impactsOf(faults, collected, load, listenedUntil(lines));
  const findings = findingsOf({
    started,
    lines,
    damage: run.damage,
    loads,
    faults,
    outages: impacts.flatMap(({ outages, windowEnd }) =>
      outages.map(({ from, to }) => ({ from, to: to ?? windowEnd })),
    ),
  });
  const cutAt = cutOf(findings)?.cutAt ?? null;
  const thrown = of(lines, 'load-ended').flatMap((ended) => ended.thrown ?? []);
  const unheardOf = loads.flatMap((one) => unheard(one.counts.scenarios));
  const faultResults: FaultResult[] = impacts.map((impact) =>
    judgeFault({
      ...impact,
      requests: around(impact.times.fault.name, (name) => {
        const phase = counts(name);
        return phase ? phase.requests + phase.dropped + phase.events : 0;
      }),
      failedEvents: around(impact.times.fault.name, (name) => counts(name)?.failedEvents ?? 0),
      failedRequests: around(impact.times.fault.name, (name) => {
        const phase = counts(name);
        return phase ? phase.failed + phase.dropped : 0;
      }),
      alerts: of(lines, 'alert').map((event) => event.alert),
      receivesAlerts: started.receivesAlerts ?? true,
      refusedAlerts: lines.flatMap(({ at, event }) =>
        event.type === 'alerts-refused' ? [{ at, reason: event.reason }] : [],
      ),
      watchesUse,
      cutAt,
      lost,
      threwUnseen: threwUnseen({
        thrown,
        inFault: inFaultOf(impact),
        steady: spanOf('steady'),
        failed: around(impact.times.fault.name, (name) => {
          const phase = counts(name);
          return phase ? phase.failed + phase.failedEvents : 0;
        }),
      }),
      unheard: unheardOf,
    }),
  );
  const missed = { phases, load, faults: faultResults, wasCut: cutAt !== null };
  const unreached = wasUnreached(lines);
  const objectives = plans.map((plan, i) => {
    const at = pending.findIndex(({ index }) => index === i);
    return judgeObjective({
      plan,
      meter: meterOf(collected.meters, open, i, plan.phase),
      byMachine: {
        excused: meterOf(collected.excused ?? [], open, i, plan.phase),
        lost,
        phase: spanOf(plan.phase),
      },
      busyShare: () => shortageIn(lines, started, spanOf(plan.phase)),
      unseen: at < 0 ? null : meterOf(collected.meters, open, plans.length + at, 'all'),
      phaseMs: lengthOf(plan.phase),
      folded,
      requestNames: collected.series.names(),
      isMissed: (lacks) => isMissed(plan.phase, lacks, missed),
      unreached,
    });
  });
  const probes = judgeProbes(started, lines, faults, cutAt);
  const acknowledged = loads.reduce((sum, one) => sum + one.counts.acknowledged, 0);
  const writes = judgeWrites(started, of(lines, 'writes-checked').at(-1), acknowledged, cutAt !== null);
  const budget = plans.flatMap((plan, i) =>
    [...phases.filter(isJudged).map((phase) => phase.name), 'all'].flatMap((name) => {
      const meter = meterOf(collected.meters, open, i, name);
      const spent = meter && spentBudget(plan, name, meter, lengthOf(name));
      return spent ? [spent] : [];
    }),
  );
  const { verdict, reasons, causes } = decide({
    objectives,
    faults: faultResults,
    probes,
    writes,
    budget,
    findings,
  });
  return {
    schema: 1,
    run: started.run,
    drill: started.drill.name,
    environment: started.environment,
    ...(started.vars === undefined ? {} : { vars: started.vars }),
    verdict,
    reasons,
    causes,
    startedAt: iso(startedAt),
    endedAt: iso(endedAt),
    phases: phases.filter((phase) => !isStretched(phase)).map((phase) => toPhase(phase, counts(phase.name))),
    objectives,
    faults: faultResults,
    probes,
    writes,
    budget,
    ...tracesIn(collected.traces, started.traces?.url),
    ...machineIn(lines, started, lost),
    ...(started.unmeasured === undefined ? {} : { unmeasured: started.unmeasured }),
    residue: residueOf(lines),
  };
}

/** What the run said is left; where it could not say so (it was killed), what was armed and is not known to be undone. */
function residueOf(lines: readonly JournalLine[]): Residue[] {
  const said = of(lines, 'residue').map(({ what, command }) => ({ what, command }));
  if (said.length === 0) return outstanding(lines).map(asResidue);
  return isRecovered(lines) ? [] : said;
}

/** Has `squall recover` undone, after the run had said what is left, whatever that was? */
function isRecovered(lines: readonly JournalLine[]): boolean {
  const said = lines.findLastIndex(({ event }) => event.type === 'residue');
  const since = lines.slice(said + 1).some(({ event }) => ENDS_RESIDUE.has(event.type));
  return since && outstanding(lines).length === 0;
}

const ENDS_RESIDUE = new Set<JournalLine['event']['type']>(['undo-done', 'declared-clean']);

/** Until when alerts were heard. Of a run that was killed, what others wrote into its journal later says nothing of that. */
function listenedUntil(lines: readonly JournalLine[]): number {
  const wasKilled = of(lines, 'run-ended').length === 0;
  const last = wasKilled ? lines.findLast(({ event }) => !OF_OTHERS.has(event.type)) : undefined;
  return (last ?? (lines.at(-1) as JournalLine)).at;
}

const OF_OTHERS = new Set<JournalLine['event']['type']>(['undo-done', 'declared-clean', 'residue', 'note']);

function meterOf(
  meters: Collected['meters'],
  open: readonly Phase[],
  plan: number,
  phase: string,
): Meter | null {
  const index = phase === 'all' ? open.length : open.findIndex((one) => one.name === phase);
  return meters[plan]?.[index] ?? null;
}

function around(fault: string, count: (phase: string) => number): number {
  return count(`fault:${fault}`) + count(`recovery:${fault}`);
}

function toPhase(phase: Phase, counts: Collected['phases'][number] | undefined): PhaseResult {
  const at = (p: number) => (counts ? rounded(percentile(counts.histogram, p)) : null);
  return {
    name: phase.name,
    from: iso(phase.from),
    to: iso(phase.to),
    requests: counts?.requests ?? 0,
    errors: (counts?.failed ?? 0) + (counts?.dropped ?? 0),
    dropped: counts?.dropped ?? 0,
    ...(counts && counts.events > 0 ? { events: counts.events, failedEvents: counts.failedEvents } : {}),
    p50: at(50),
    p95: at(95),
    p99: at(99),
  };
}

function rounded(value: number | null): number | null {
  return value === null ? null : Number(value.toPrecision(6));
}

/** One pass over all recordings at once, always going on with the one that lags behind: their times stay together. */
async function readLoads(
  run: RecordedRun,
  drill: RunStarted['drill'],
  collector: Collector,
): Promise<Parts['loads']> {
  const started = of(run.lines, 'load-started');
  const readers = started.map(({ load, thresholds }) => {
    const { visitor, counts, hangs } = collector.visitor(
      judgesThresholds(drill.load[load]) ? thresholds : [],
    );
    const view = createView(visitor);
    const recording = readRecording(recordingOf(path.join(run.directory, 'k6'), load), view);
    return {
      load,
      recording,
      steps: recording.steps[Symbol.asyncIterator](),
      counts,
      hangs,
      view,
      done: false,
    };
  });
  for (;;) {
    const next = readers.filter((r) => !r.done).sort((a, b) => a.recording.time - b.recording.time)[0];
    if (next === undefined) break;
    next.done = (await next.steps.next()).done === true;
  }
  return Promise.all(
    readers.map(async ({ load, recording, view, counts, hangs }) => {
      const { complete, detail } = await recording.check();
      view.end(complete);
      return { load, complete, detail, counts, hangs: hangs(), folded: view.folded };
    }),
  );
}

function isJudged(phase: Phase): boolean {
  return !isStretched(phase) && phase.name !== WARM_UP;
}

/** `steady.after` counts from the first sample of the load, as everything in a drill does. */
function warmUntilOf({ drill }: RunStarted, lines: RecordedRun['lines']): number {
  const [first] = of(lines, 'first-sample');
  const { after } = drill.steady;
  return after === undefined || first === undefined ? Number.NEGATIVE_INFINITY : first.time + after;
}

function firstInjection(faults: readonly FaultTimes[]): number | null {
  const times = faults.flatMap((f) => (f.injectedAt === null ? [] : [f.injectingAt ?? f.injectedAt]));
  return times.length === 0 ? null : Math.min(...times);
}
