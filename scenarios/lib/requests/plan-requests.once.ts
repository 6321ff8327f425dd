import { optionsFor } from '../objectives/translated.once.ts';
import { durationFrom, numberFrom, shareFrom, wholeNumber } from '../runtime/env.ts';
import { asRequest, nameOf } from './prepared.ts';
import type { RequestFile } from './request-file.ts';

/** Fewer than this of one name may be chance: it is not listed by itself. */
const LISTED_FROM = 20;

/** The settings, the k6 options and the objectives of the load from a file. Made by user 0 only. */
export const planRequests = (file: RequestFile) => {
  const rate = numberFrom('RATE', 20, wholeNumber);
  const baseRate = numberFrom('BASE_RATE', rate, wholeNumber);
  const durationMs = durationFrom('DURATION', 60_000, 1000);
  const rampMs = durationFrom('RAMP', 0);
  const timeoutMs = durationFrom('TIMEOUT', 5_000, 1);
  /** All beforehand, and enough for a target that answers nothing until the time-out: what is not sent is not measured. */
  const vus = numberFrom(
    'VUS',
    Math.max(20, rate, Math.min(1_000, Math.ceil((rate * timeoutMs) / 900))),
    wholeNumber,
  );
  const p95Ms = durationFrom('P95', 1_000, 1);
  const errors = shareFrom('ERRORS', 0.01);
  const all = file.requests.map(asRequest);
  const total = all.reduce((sum, { weight = 1 }) => sum + weight, 0);
  const often = all.filter(
    ({ weight = 1 }) => ((rate * durationMs) / 1000) * (weight / total) >= LISTED_FROM,
  );
  const { thresholds, summaryTrendStats, handleSummary } = optionsFor({
    scenario: 'requests',
    objectives: [
      { name: 'requests.latency.p95', percentile: 95, below: `${p95Ms}ms` },
      { name: 'requests.errors', errors: true, below: `${errors * 100}%` },
    ],
    openLoop: true,
    names: [...new Set(often.map(nameOf))].filter((name) => !/[{},]/.test(name)),
  });
  const common = { timeUnit: '1s', preAllocatedVUs: vus, maxVUs: vus };
  const steps = [
    { target: rate, duration: `${rampMs}ms` },
    { target: rate, duration: `${durationMs}ms` },
    { target: baseRate, duration: `${rampMs}ms` },
  ];
  return {
    handleSummary,
    options: {
      scenarios: {
        requests:
          rampMs === 0
            ? { executor: 'constant-arrival-rate', rate, duration: `${durationMs}ms`, ...common }
            : { executor: 'ramping-arrival-rate', startRate: baseRate, stages: steps, ...common },
      },
      discardResponseBodies: true,
      thresholds,
      summaryTrendStats,
    },
  };
};
