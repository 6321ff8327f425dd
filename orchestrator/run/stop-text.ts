import type { StopCondition } from '../../chaos/schema/drill.ts';
import { percentText, readableMs } from '../objectives/number-text.ts';

/** What a stop condition has seen when it stops a run: `more than 50 % errors for 15 s`. */
export function stopText(condition: StopCondition | undefined): string {
  if (condition === undefined) return 'it held for its time';
  if ('alert' in condition) return 'the alert arrived';
  const time = readableMs(condition.for);
  if ('errors' in condition) return `more than ${percentText(condition.above)} errors for ${time}`;
  if ('percentile' in condition)
    return `p${condition.percentile} above ${readableMs(condition.above)} for ${time}`;
  return `the error budget of ${condition.burn} burnt more than ${condition.above} times too fast over ${time}`;
}
