import { beforeEach, expect, test, vi } from 'vitest';
import type { Objective } from '../../../thresholds/objective.ts';
import { outsideFaults, toK6 } from './k6-thresholds.ts';

beforeEach(() => {
  vi.stubGlobal('__ENV', {});
  vi.stubGlobal('__VU', 0);
});

test('a percentile is of successful requests, and needs ten samples beyond it', () => {
  expect(toK6({ name: 'p99', where: { name: 'GET /health' }, percentile: 99, below: '200ms' })).toMatchObject(
    {
      target: 'p99 < 200ms',
      metric: 'http_req_duration{name:GET /health,expected_response:true}',
      bound: 'p(99)<200',
      countMetric: 'http_reqs{name:GET /health,expected_response:true}',
      minSamples: 1000,
    },
  );
});

test('the samples of a trend of our own are counted by its twin', () => {
  expect(
    toK6({ name: 'chunks', percentile: 95, below: '0.1s', metric: 'vocal_chunk_latency' }),
  ).toMatchObject({
    metric: 'vocal_chunk_latency',
    bound: 'p(95)<100',
    countMetric: 'vocal_chunk_latency_samples',
    minSamples: 200,
  });
});

test('errors and availability bound the same share from two sides', () => {
  expect(toK6({ name: 'errors', errors: true, below: '0.1%' })).toMatchObject({
    metric: 'http_req_failed',
    bound: 'rate<0.001',
    minSamples: 1000,
  });
  expect(toK6({ name: 'up', availability: true, atLeast: '99.9%', window: '30d' })).toMatchObject({
    bound: 'rate<=0.001',
  });
});

test('a throughput is good requests over the seconds in which it was offered', () => {
  const objective: Objective = { name: 'throughput', throughput: true, atLeast: '1000/s' };
  expect(toK6(objective, { throughputSeconds: 60 })).toMatchObject({
    metric: 'http_reqs{expected_response:true}',
    bound: 'count>=60000',
    divisor: 60,
  });
  expect(() => toK6(objective)).toThrow('over how many seconds');
});

test('a counter has its bound, and its twin counts the samples, so that never counted is not zero', () => {
  expect(toK6({ name: 'dropped', counter: 'vocal_dropped', equals: 0 })).toMatchObject({
    target: 'vocal_dropped = 0',
    bound: 'count==0',
    countMetric: 'vocal_dropped_samples',
  });
  expect(toK6({ name: 'c', counter: 'c', atMost: 3 }).bound).toBe('count<=3');
  expect(toK6({ name: 'c', counter: 'c', atLeast: 3 }).bound).toBe('count>=3');
  expect(() => toK6({ name: 'c', counter: 'c' })).toThrow('needs equals, atMost or atLeast');
});

test('a rate is bounded from above or from below', () => {
  expect(toK6({ name: 'r', rate: 'pitch_right', atLeast: '99%' })).toMatchObject({
    bound: 'rate>=0.99',
    countMetric: 'pitch_right_samples',
  });
  expect(toK6({ name: 'r', rate: 'late', below: '1%' }).bound).toBe('rate<0.01');
  expect(() => toK6({ name: 'r', rate: 'late' })).toThrow('needs either atLeast or below');
});

test('minSamples of the objective wins over the default, and -e MIN_SAMPLES lowers it, but never raises it', () => {
  const objective: Objective = { name: 'p50', percentile: 50, below: '1s', minSamples: 7 };
  expect(toK6(objective).minSamples).toBe(7);
  vi.stubGlobal('__ENV', { MIN_SAMPLES: '3' });
  expect(toK6(objective).minSamples).toBe(3);
  vi.stubGlobal('__ENV', { MIN_SAMPLES: '30' });
  expect(toK6(objective).minSamples).toBe(7);
});

test('samples that are due are needed whatever -e MIN_SAMPLES says, and never fewer than the objective asks for', () => {
  vi.stubGlobal('__ENV', { MIN_SAMPLES: '1' });
  const objective: Objective = { name: 'dropped', counter: 'dropped', equals: 0 };
  expect(toK6(objective, { due: { dropped: 50 } }).minSamples).toBe(50);
  expect(toK6(objective, { due: { other: 50 } }).minSamples).toBe(1);
  vi.stubGlobal('__ENV', {});
  expect(toK6({ ...objective, minSamples: 10 }, { due: { dropped: 5 } }).minSamples).toBe(10);
});

test('each part of the load needs a sample', () => {
  const objective: Objective = { name: 'memory', counter: 'above', where: { stage: 'late' }, equals: 0 };
  const due = { memory: { tag: 'service', values: ['a', 'b'] } };
  expect(toK6(objective, { due })).toMatchObject({
    countMetric: 'above_samples{stage:late}',
    minSamples: 2,
    parts: [
      { label: 'service a', metric: 'above_samples{stage:late,service:a}' },
      { label: 'service b', metric: 'above_samples{stage:late,service:b}' },
    ],
  });
});

test('a tag that k6 cannot select is refused rather than never matched', () => {
  expect(() => toK6({ name: 'x', where: { name: 'a,b' }, errors: true, below: '1%' })).toThrow(
    'cannot select',
  );
  expect(() => toK6({ name: 'x', where: { name: '{id}' }, errors: true, below: '1%' })).toThrow(
    'cannot select',
  );
});

test('objectives for a fault’s phase are left out of a plain run', () => {
  const all: Objective[] = [
    { name: 'a', errors: true, below: '1%' },
    { name: 'b', errors: true, below: '1%', phase: 'all' },
    { name: 'c', errors: true, below: '50%', phase: 'fault:db' },
  ];
  expect(outsideFaults(all).map(({ name }) => name)).toEqual(['a', 'b']);
});
