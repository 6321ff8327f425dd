/**
 * `squall/k6`: what squall's scenarios are made of, for k6 scripts of others. `squall build` bundles it into scenarios/*.ts of any
 * repository; the bundle runs on stock k6.
 */
export type { Objective, ObjectiveSet } from '../../thresholds/objective.ts';
export { untilAnswered, write } from './journeys/writes.ts';
export { countedCounter, countedRate, countedTrend, countedValues } from './objectives/counted.ts';
export { scenarioOptions } from './objectives/scenario-options.ts';
export type { ScenarioObjectives } from './objectives/types.ts';
export { bearer, login } from './runtime/auth.ts';
export { durationFrom, numberFrom, shareFrom, textFrom, urlFrom, wholeNumber } from './runtime/env.ts';
export { baseUrl, request, timeoutMs } from './runtime/target.ts';
export type { Trace } from './runtime/trace.ts';
export { newTrace, tracedRequest } from './runtime/trace.ts';
