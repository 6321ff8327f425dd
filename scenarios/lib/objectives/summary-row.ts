/** One line of a scenario's summary; `-e SUMMARY_JSON=FILE` writes them. Nothing of k6 in here: tests outside of it read it, too. */
export interface SummaryRow {
  readonly objective: string;
  readonly target: string;
  /** In the target's unit; null: nothing was measured. */
  readonly measured: number | null;
  readonly samples: number;
  readonly result: 'PASS' | 'FAIL' | 'INVALID' | 'not measured';
  readonly reason: string;
}
