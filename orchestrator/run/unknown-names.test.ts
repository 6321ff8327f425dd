import { expect, test } from 'vitest';
import type { Objective } from '../../thresholds/objective.ts';
import { watchNames } from './unknown-names.ts';

const about = (name: string, more: object = {}): Objective =>
  ({ name: `about ${name}`, where: { name }, percentile: 95, below: '1s', ...more }) as Objective;

test('an objective about a request that nobody has sent is named with those that were', () => {
  const watch = watchNames([about('GET /A', { phase: 'all' }), about('GET /a'), about('POST /b')], 2);
  watch.tick(0, { requestNames: ['GET /a'] });
  expect(watch.told(), 'the second load may have it').toEqual([]);
  watch.tick(1, { requestNames: ['POST /b'] });
  expect(watch.told()).toEqual(['about GET /A: no request is named GET /A; seen: GET /a, POST /b']);
  watch.tick(1, { requestNames: ['POST /b', 'GET /A'] });
  expect(watch.told()).toEqual([]);
});

test.each([
  ['too many to keep', null],
  ['not known', undefined],
  ['none yet', []],
])('names that are %s say nothing', (_, requestNames) => {
  const watch = watchNames([about('GET /A')], 1);
  watch.tick(0, requestNames === undefined ? {} : { requestNames });
  expect(watch.told()).toEqual([]);
});
