import { countedCounter, countedRate } from '../objectives/counted.ts';
import { createIncrease } from './increase.ts';
import { watchPages } from './page.ts';
import { readingWith } from './prometheus.ts';

const escalated = countedCounter('control_escalations');
const recoveryFailed = countedRate('control_recovery_failed');

/**
 * What a control loop repaired during the run, and how often it called a person, from the counts in its metrics. Judged when the
 * run is over, and only if the page was read then: what happened since the last reading would be missing.
 */
export const watchControlLoop = (url: string, durationMs: number): void => {
  const counts = [
    { metric: 'control_recoveries_total', labels: { outcome: 'succeeded' }, grown: createIncrease() },
    { metric: 'control_recoveries_total', labels: { outcome: 'failed' }, grown: createIncrease() },
    { metric: 'control_escalations_total', labels: {}, grown: createIncrease() },
  ] as const;
  let missing = '';
  watchPages([{ url }], durationMs, (_, text) => {
    missing = text === null ? 'the page did not answer when the run was over' : '';
    for (const { metric, labels, grown } of counts) {
      const value = readingWith(text ?? '', metric, labels);
      if (value !== null) grown.read(value);
      else if (text !== null) missing = `${metric} ${JSON.stringify(labels)} is not on the page`;
    }
  });
  const [succeeded, failed, escalations] = counts.map(({ grown }) => grown.total());
  if (missing !== '' || succeeded == null || failed == null || escalations == null) {
    console.error(`control loop: ${missing || 'its page was read once only'}: ${url}`);
    return;
  }
  escalated.add(escalations);
  for (let i = 0; i < succeeded; i += 1) recoveryFailed.add(false);
  for (let i = 0; i < failed; i += 1) recoveryFailed.add(true);
};
