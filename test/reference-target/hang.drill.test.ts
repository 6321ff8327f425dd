import { describe, expect, type TestContext, test } from 'vitest';
import { judgeRun } from '../../orchestrator/judge/judge.ts';
import type { FaultResult } from '../../orchestrator/verdict.types.ts';
import { k6OfEachMajor } from '../k6.ts';
import { journaled } from './ground-truth.ts';
import { journalOf, recordRun } from './recorded-run.ts';
import { type ScriptedWindow, startReferenceTarget } from './reference-target.ts';

/** k6 writes no sample for requests that it cuts off at the end. That this is noticed relies on what else each major writes. */
describe.each(await k6OfEachMajor())('with k6 $major', ({ k6 }) => {
  // Two light loads, each on a target of its own.
  const run = test.skipIf(k6 === null).concurrent;

  run(
    'a target that hangs to the end of the load is down, a scenario that ended before is not',
    async (context) => {
      const fault = await judgeFault(context, [{ name: 'hang', mode: 'blackhole', from: 4000, to: 60_000 }]);
      expect(fault).toMatchObject({ result: 'INVALID', recoveredAt: null });
      expect(fault?.reason).toMatch(/still waiting for an answer/);
      expect(fault?.outages.map(({ request, to }) => [request, to]).sort()).toEqual([
        ['closed', null],
        ['open', null],
      ]);
      // It hangs for the last 3 s, and k6 waits one second more.
      expect(fault?.downtimeMs).toBeGreaterThan(2500);
    },
    60_000,
  );

  run(
    'a load that ends in the middle of think time, in steps and by and by, hangs nowhere',
    async (context) => {
      const fault = await judgeFault(context, []);
      expect(fault?.reason).not.toMatch(/still waiting/);
      expect(fault?.outages.filter(({ to }) => to === null)).toEqual([]);
    },
    60_000,
  );

  /** The verdict on a fault that went in after 3 s and did nothing. */
  async function judgeFault(
    { onTestFinished }: TestContext,
    windows: readonly ScriptedWindow[],
  ): Promise<FaultResult | undefined> {
    const target = await startReferenceTarget();
    onTestFinished(() => target.stop());
    const zero = await target.play({ windows });
    const recorded = await recordRun({
      k6: k6?.path as string,
      script: SCRIPT,
      env: { URL: target.url },
    });
    onTestFinished(recorded.remove);
    const from = zero + 3000;
    const { faults, events } = journaled([{ name: 'f', from, to: from + 100, downtimeMs: 0, outages: 0 }]);
    const objectives = [{ name: 'p95', percentile: 95, below: '10s', minSamples: 1 } as const];
    return (await judgeRun(journalOf(recorded, { objectives, drill: { faults } }, events))).verdict.faults[0];
  }
});

const SCRIPT = `
import http from 'k6/http';
import { sleep } from 'k6';
const ask = (name) => http.get(__ENV.URL, { tags: { name } });
const end = { duration: '7s', gracefulStop: '1s' };
export const options = { scenarios: {
  closed: { executor: 'constant-vus', vus: 3, ...end, exec: 'closed' },
  open: { executor: 'constant-arrival-rate', rate: 20, preAllocatedVUs: 100, ...end, exec: 'open' },
  early: { executor: 'constant-vus', vus: 2, duration: '3s', gracefulStop: '0s', exec: 'early' },
  falling: {
    executor: 'ramping-vus', startVUs: 4, stages: [{ duration: '3500ms', target: 0 }], gracefulRampDown: '0s', exec: 'falling',
  },
} };
export function closed() { ask('closed'); sleep(0.05); }
export function open() { ask('open'); }
export function early() { ask('early'); sleep(0.2); }
export function falling() { ask('falling'); sleep(0.4); }
`;
