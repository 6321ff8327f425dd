import { samplesOf } from '../../../thresholds/k6-names.ts';
import { checkSettings } from '../runtime/check-settings.once.ts';
import { outsideFaults, toK6 } from './k6-thresholds.ts';
import { renderSummary } from './summary.ts';
import type { ScenarioObjectives, ScenarioOptions } from './types.ts';

/** The thresholds and the summary for a scenario's objectives. scenario-options.ts loads this when it is needed. */
export const optionsFor = (request: ScenarioObjectives): ScenarioOptions => {
  checkSettings(request.scenario, __ENV);
  for (const name of Object.keys(request.due ?? {})) {
    if (!request.objectives.some((objective) => objective.name === name))
      throw new Error(`samples are due for ${name}, which is not an objective of ${request.scenario}`);
  }
  const translated = outsideFaults(request.objectives).map((objective) => toK6(objective, request));
  const thresholds: ScenarioOptions['thresholds'] = {
    http_req_failed: [{ threshold: 'rate<1', abortOnFail: true, delayAbortEval: '10s' }],
  };
  const require = (metric: string, expression: string) => {
    const list = thresholds[metric] ?? [];
    if (!list.includes(expression)) list.push(expression);
    thresholds[metric] = list;
  };
  for (const { objective, metric, bound, countMetric, minSamples, parts, open } of translated) {
    const occasional = request.occasional?.[objective.name];
    require(metric, bound);
    if (occasional === undefined) require(countMetric, `count>=${minSamples}`);
    else require(occasional.looked, 'count>=1');
    for (const part of parts) require(part.metric, 'count>=1');
    if (open !== null) require(open, 'count==0');
  }
  require('http_reqs', 'count>=1');
  if (request.openLoop) require('dropped_iterations', 'count<=0');
  for (const name of request.names ?? []) {
    // k6 keeps a sub-metric for the summary only if a threshold asks for it; these fail when nothing succeeded.
    require(`http_reqs{name:${name}}`, 'count>=1');
    require(`http_reqs{name:${name},expected_response:true}`, 'count>=1');
    require(`http_req_duration{name:${name},expected_response:true}`, 'max>0');
  }
  for (const trend of request.trends ?? []) require(samplesOf(trend), 'count>=1');
  const percentiles = translated.map(({ value }) => value).filter((value) => value.startsWith('p('));
  return {
    thresholds,
    summaryTrendStats: [
      ...new Set(['min', 'avg', 'med', 'p(50)', 'p(95)', 'p(99)', 'max', 'count', ...percentiles]),
    ],
    handleSummary: (data) => renderSummary({ ...request, translated }, data),
  };
};
