/** One line of a scenario's summary; `-e SUMMARY_JSON=FILE` writes them. Free of k6's types, because tests outside k6 read it too. */
export interface SummaryRow {
  readonly objective: string;
  readonly target: string;
  /** In the target's unit; null: nothing was measured. */
  readonly measured: number | null;
  readonly samples: number;
  readonly result: 'PASS' | 'FAIL' | 'INVALID' | 'not measured';
  readonly reason: string;
}
