import { beforeEach, expect, test, vi } from 'vitest';
import gateway from '../../../thresholds/gateway.ts';
import { scenarioOptions } from './scenario-options.ts';

beforeEach(() => {
  vi.stubGlobal('__ENV', {});
  vi.stubGlobal('__VU', 0);
});

const describe = () => ({ scenario: 'spike', objectives: gateway, openLoop: true, names: ['GET /health'] });

test('every bound is paired with a count of its own samples', () => {
  const { thresholds } = scenarioOptions(describe);
  expect(thresholds['http_req_duration{name:GET /health,expected_response:true}']).toEqual([
    'p(50)<20',
    'p(95)<100',
    'p(99)<200',
    'max>0',
  ]);
  expect(thresholds['http_reqs{name:GET /health,expected_response:true}']).toEqual([
    'count>=100',
    'count>=200',
    'count>=1000',
    'count>=1',
  ]);
  expect(thresholds.http_reqs).toContain('count>=1000');
  expect(thresholds.http_req_failed).toContain('rate<0.001');
});

test('each part of the load has a threshold of its own', () => {
  const objectives = [{ name: 'memory', counter: 'above', equals: 0 }];
  const due = { memory: { tag: 'service', values: ['a', 'b'] } };
  const { thresholds } = scenarioOptions(() => ({ scenario: 'soak', objectives, openLoop: false, due }));
  expect(thresholds['above_samples{service:a}']).toEqual(['count>=1']);
  expect(thresholds['above_samples{service:b}']).toEqual(['count>=1']);
  expect(thresholds.above_samples).toEqual(['count>=2']);
});

test('samples that are due for an unknown objective are a mistake in the scenario', () => {
  expect(() => scenarioOptions(() => ({ ...describe(), due: { typo: 3 } }))).toThrow('due for typo');
});

test('for events that a good run may not have, the looks are counted instead', () => {
  const objectives = [{ name: 'repaired', rate: 'repair_failed', below: '5%', minSamples: 1 }];
  const occasional = { repaired: { looked: 'looks', reason: 'nothing broke' } };
  const thresholds = (extra: object) =>
    scenarioOptions(() => ({ scenario: 'x', objectives, openLoop: false, ...extra })).thresholds;
  expect(thresholds({})).toMatchObject({
    repair_failed: ['rate<0.05'],
    repair_failed_samples: ['count>=1'],
  });
  expect(thresholds({ occasional })).toMatchObject({ repair_failed: ['rate<0.05'], looks: ['count>=1'] });
  expect(thresholds({ occasional })).not.toHaveProperty('repair_failed_samples');
});

test('a dropped iteration fails an open-loop run', () => {
  expect(scenarioOptions(describe).thresholds.dropped_iterations).toEqual(['count<=0']);
  expect(scenarioOptions(() => ({ ...describe(), openLoop: false })).thresholds).not.toHaveProperty(
    'dropped_iterations',
  );
});

test('the summary has the percentiles that the objectives ask for', () => {
  const objectives = [{ name: 'p99.9', percentile: 99.9, below: '1s' }];
  const { summaryTrendStats } = scenarioOptions(() => ({ scenario: 'x', objectives, openLoop: false }));
  expect(summaryTrendStats).toEqual(expect.arrayContaining(['p(99)', 'p(99.9)', 'count']));
});

test('a virtual user computes nothing of this', () => {
  vi.stubGlobal('__VU', 7);
  const told = vi.fn(describe);
  expect(scenarioOptions(told).thresholds).toEqual({});
  expect(told).not.toHaveBeenCalled();
});
