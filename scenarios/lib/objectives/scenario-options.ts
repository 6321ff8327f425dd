import { optionsFor } from './translated.once.ts';
import type { ScenarioObjectives, ScenarioOptions } from './types.ts';

/**
 * A scenario's objectives, as k6 options and as a summary. Each threshold is paired with one on the number of samples, because
 * k6 passes thresholds on no data; a target that answers no request at all stops the run after ten seconds.
 *
 * k6 runs a script once for its options and its summary (as user 0) and once more for each virtual user, who needs neither:
 * the code there would cost 20 MB at 1000 users. Hence `.once`, which the build turns into code that does nothing until it is
 * called.
 */
export const scenarioOptions = (describe: () => ScenarioObjectives): ScenarioOptions =>
  __VU > 0 ? none : optionsFor(describe());

const none: ScenarioOptions = { thresholds: {}, summaryTrendStats: [], handleSummary: () => ({}) };
