import { parseDurationMs } from '../../thresholds/units.ts';
import { evaluate, type MeterPlan } from '../objectives/kinds/index.ts';
import type { Meter } from '../objectives/meter.ts';
import { besideMs } from '../objectives/number-text.ts';
import { unknownName } from '../objectives/unknown-name.ts';
import type { FaultResult, ObjectiveResult } from '../verdict.types.ts';
import { type ExcuseInput, excuseByMachine } from './by-machine.ts';
import type { LoadSpan, Phase } from './phases.ts';
import { passedIfSeen } from './unseen.ts';

export interface ObjectiveInput {
  readonly plan: MeterPlan;
  /** Null: its phase never came. */
  readonly meter: Meter | null;
  /** What of it went unseen, see unseen.ts. */
  readonly unseen: Meter | null;
  readonly phaseMs: number;
  /** What only counts because of the machine that generated the load. */
  readonly byMachine: Pick<ExcuseInput, 'excused' | 'lost' | 'phase'>;
  /** How busy the machine was in its phase, if the target may have suffered from that (machine.ts); else null. */
  readonly busyShare: () => number | null;
  /** The tags of the load were too many to keep. */
  readonly folded: boolean;
  /** The names of all requests of the run; null: not known. */
  readonly requestNames: readonly string[] | null;
  /** Is what it lacks the consequence of something else in the run? */
  readonly isMissed: (lacks: Lack) => boolean;
  /** The run ended because nobody had answered anything: what looks like a broken promise is a target that is not there. */
  readonly unreached: boolean;
}

export type Lack = 'phase' | 'samples';

/** One objective over its phase: what was measured against what was promised. */
export function judgeObjective(input: ObjectiveInput): ObjectiveResult {
  const { plan, meter, unseen, phaseMs, folded, isMissed, byMachine } = input;
  const base = { name: plan.objective.name, phase: plan.phase, target: plan.target };
  const mark = (lacks: Lack) => (isMissed(lacks) ? ({ notMeasured: true } as const) : {});
  if (meter === null) {
    return {
      ...base,
      measured: null,
      samples: 0,
      result: 'INVALID',
      reason: `there is no phase ${plan.phase} in this run`,
      ...mark('phase'),
    };
  }
  const measured = evaluate(plan, meter, phaseMs);
  if (input.unreached)
    return { ...base, ...measured, result: 'INVALID', reason: 'no request was answered', notMeasured: true };
  const { lacksSamples, ...evaluated } = excuseByMachine({
    plan,
    measurement: measured,
    meter,
    ...byMachine,
  });
  const measurement = unseen === null ? evaluated : passedIfSeen(evaluated, unseen);
  if (folded && Object.keys(plan.objective.where ?? {}).some((key) => !KEPT_WHEN_FOLDED.has(key))) {
    return {
      ...base,
      ...measurement,
      result: measurement.result === 'FAIL' ? 'FAIL' : 'INVALID',
      reason:
        'the load has too many different tags to tell its requests apart: give requests with ids in their URL one name tag',
    };
  }
  const short = tooShort(plan, phaseMs);
  // What is broken already is broken, however much longer the phase might be.
  if (short !== null && measurement.result === 'PASS')
    return { ...base, ...measurement, result: 'INVALID', reason: short, ...mark('samples') };
  const unknown = measurement.samples === 0 ? unknownName(plan, input.requestNames) : null;
  const reason = unknown === null ? {} : { reason: unknown };
  const busyShare = measurement.result === 'FAIL' && SUFFERS.has(plan.kind) ? input.busyShare() : null;
  return {
    ...base,
    ...measurement,
    ...reason,
    ...(lacksSamples ? mark('samples') : {}),
    ...(busyShare === null ? {} : { busyShare }),
  };
}

/** What a target that has too few processors may break. What it says, such as a wrong answer, is its own. */
const SUFFERS: ReadonlySet<MeterPlan['kind']> = new Set([
  'percentile',
  'throughput',
  'errors',
  'availability',
]);

/** Of a load with a request each second, and at most a hundredth of the time. */
const LAST_GAP_MS = 1_000;

function tooShort({ objective, phase }: MeterPlan, phaseMs: number): string | null {
  if (objective.for === undefined) return null;
  const forMs = parseDurationMs(objective.for);
  // A load lasts from its first request to its last one, so one of 90 s lasts a little less.
  if (phaseMs >= forMs - Math.min(LAST_GAP_MS, forMs / 100)) return null;
  return `${phase} lasted ${besideMs(phaseMs, forMs)}, and it has to hold for ${objective.for}`;
}

/** What the rest of the run says about a phase that an objective lacks something in. */
export interface RunOfPhase {
  readonly phases: readonly Phase[];
  readonly load: LoadSpan;
  readonly faults: readonly FaultResult[];
  readonly wasCut: boolean;
}

/** A phase is missing because its fault was never seen, or the run was cut short; samples are, where the cut came into the phase. */
export function isMissed(name: string, lacks: Lack, { phases, load, faults, wasCut }: RunOfPhase): boolean {
  const [own] = name.split('+');
  const fault = faults.find((one) => own === `fault:${one.name}` || own === `recovery:${one.name}`);
  if (lacks === 'phase' && fault !== undefined && fault.result !== 'PASS') return true;
  if (!wasCut) return false;
  const phase = phases.find((one) => one.name === name);
  return name === 'all' || phase === undefined || phase.to >= load.to;
}

const KEPT_WHEN_FOLDED = new Set([
  'expected_response',
  'error_code',
  'group',
  'method',
  'scenario',
  'status',
]);
