import { expect, test } from 'vitest';
import gatewayThroughput from '../../../thresholds/gateway-throughput.ts';
import { at, inTurn } from './levels.ts';
import { offeredFor, within } from './offered.ts';

test('one per cent more is offered than has to be shown', () => {
  expect(offeredFor(1000)).toBe(1010);
  expect(offeredFor(10)).toBe(11);
});

test('a throughput above the load is not measured, with the reason', () => {
  expect(within(1000, gatewayThroughput)).toEqual({ measured: gatewayThroughput, notMeasured: [] });
  expect(within(300, gatewayThroughput)).toEqual({
    measured: [],
    notMeasured: [{ name: 'gateway.throughput', reason: 'only 300 requests a second are offered (-e RATE)' }],
  });
});

test('levels run one after the other, with a gap in which the last requests may end', () => {
  const level = { durationMs: 1000, executor: { executor: 'constant-vus' } };
  expect(
    inTurn(500, [
      { ...level, name: 'a' },
      { ...level, name: 'b' },
    ]),
  ).toEqual({
    a: { executor: 'constant-vus', startTime: '0ms', gracefulStop: '500ms' },
    b: { executor: 'constant-vus', startTime: '1500ms', gracefulStop: '500ms' },
  });
});

test('objectives of a level use its samples only', () => {
  expect(
    at('users-10', [{ name: 'p95', where: { name: 'GET /health' }, percentile: 95, below: '1s' }]),
  ).toEqual([
    {
      name: 'p95.users-10',
      where: { name: 'GET /health', scenario: 'users-10' },
      percentile: 95,
      below: '1s',
    },
  ]);
});
