import { expect, test } from 'vitest';
import type { StopCondition } from '../../chaos/schema/drill.ts';
import { stopText } from './stop-text.ts';

test.each<[StopCondition, string]>([
  [{ errors: true, above: 0.5, for: 15_000 }, 'more than 50 % errors for 15 s'],
  [{ percentile: 95, above: 250, for: 60_000 }, 'p95 above 250 ms for 1 min'],
  [
    { burn: 'gateway.availability', above: 14.4, for: 30_000 },
    'the error budget of gateway.availability burnt more than 14.4 times too fast over 30 s',
  ],
  [{ alert: { component: 'gateway' } }, 'the alert arrived'],
])('%j: a stop says what was seen', (condition, text) => {
  expect(stopText(condition)).toBe(text);
});
