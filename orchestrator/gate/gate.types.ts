import type { Loaded } from '../../chaos/definitions/issues/source.ts';
import type { Drill } from '../../chaos/schema/drill.ts';
import type { Environment } from '../../chaos/schema/environment.ts';
import type { SuiteComparison } from '../../chaos/schema/suite.ts';
import type { DrillPlan } from '../plan.types.ts';
import type { Outcome, Verdict } from '../verdict.types.ts';
import type { Between } from './calibration/calibration.ts';
import type { GateBudget } from './error-budgets.ts';
import type { RunRecord } from './history/run-record.ts';
import type { ComparisonResult } from './side-by-side/compare-slots.ts';

/** A drill that the gate runs: a check, or one start of both sides of a comparison. It has passed every check that needs no target. */
export interface Part {
  /** Also the name of its directory. */
  readonly name: string;
  readonly drill: Loaded<Drill>;
  readonly environment: Loaded<Environment>;
  readonly plan: DrillPlan;
}

/** `P`: a part that can be run; for a gate that is judged again, its name. */
export interface PlannedComparison<P = Part> {
  readonly comparison: SuiteComparison;
  /** One for each start of both sides. */
  readonly starts: readonly P[];
  /** What limits its answers, one sentence each. */
  readonly notes: readonly string[];
  /** The runs of the past, where they are the baseline; null: both sides are measured. */
  readonly history: readonly RunRecord[] | null;
  /** It ends when something has plainly regressed. Left out: an older squall, which measured all. */
  readonly stopsEarly?: boolean;
  /** What `gate calibrate` has measured; null: nothing that can be used. */
  readonly between: Between | null;
  /** What it has of the family's alpha, which all comparisons of the gate share. Left out: an older squall, where each had all of it. */
  readonly alpha?: number;
}

export interface GatePlan<P = Part> {
  readonly suite: string;
  readonly seed: number;
  /** `note`: what limits what it proves. */
  readonly checks: readonly (P & { readonly blocks: boolean; readonly note?: string })[];
  readonly comparisons: readonly PlannedComparison<P>[];
  /** As they were when the gate began. Left out: an older squall. */
  readonly budgets?: readonly GateBudget[];
}

/** What a part ended with. */
export interface PartResult {
  readonly verdict: Outcome;
  readonly reasons: readonly string[];
  readonly directory: string;
  readonly residue: Verdict['residue'];
}

/** gate.json. */
export interface GateResult {
  readonly schema: 1;
  readonly suite: string;
  readonly verdict: Outcome;
  readonly reasons: readonly string[];
  /** When the last of its runs ended, ISO 8601: the same whenever it is judged again. Left out: none began, or an older squall. */
  readonly endedAt?: string;
  readonly seed: number;
  readonly checks: readonly {
    readonly name: string;
    readonly verdict: Outcome;
    readonly blocks: boolean;
    /** Its directory, below that of the gate. */
    readonly run: string;
    readonly reasons: readonly string[];
    /** What limits what it proves. Left out: nothing. */
    readonly note?: string;
  }[];
  readonly comparisons: readonly ComparisonResult[];
  /** Of the objectives whose events somebody counts. Left out: none. */
  readonly budget?: readonly GateBudget[];
  /** The worst that the witness of the machine saw during the comparisons; null: not known. */
  readonly noise: { readonly lateMs: number | null; readonly steal: number | null };
  readonly residue: Verdict['residue'];
}
