import type { Outcome } from '../../verdict.types.ts';
import type { Reading } from '../text/value-text.ts';

/** Two runs of a drill, or two gates, beside each other. What `squall compare --json` prints. */
export interface RunComparison {
  readonly schema: 1;
  readonly kind: 'drill' | 'gate';
  readonly a: ComparedRun;
  readonly b: ComparedRun;
  /** What makes the two less comparable, and what a table of two runs cannot say; one sentence each. */
  readonly notes: readonly string[];
  readonly rows: readonly DifferenceRow[];
}

export interface ComparedRun {
  readonly run: string;
  /** The name of the drill or the suite. */
  readonly of: string;
  /** Null for gates. */
  readonly environment: string | null;
  readonly startedAt: string | null;
  readonly verdict: Outcome;
  readonly reasons: readonly string[];
}

export interface DifferenceRow extends Reading {
  readonly group: string;
  readonly name: string;
  /** Null: there, but nothing was measured. Left out: not there. */
  readonly a?: number | string | null;
  readonly b?: number | string | null;
  /** Results or answers, where the row has any. */
  readonly aResult?: string;
  readonly bResult?: string;
  /** (b - a) / a; null where a is 0 or one of them is not a number. Two runs: it may be noise. */
  readonly change: number | null;
  /** From the results alone: only they compare with something that was promised. `changed`: one of them is not known (INVALID, cannot tell). */
  readonly outcome: 'worse' | 'better' | 'changed' | 'same' | 'only in A' | 'only in B';
}
