import { expect, test } from 'vitest';
import { judgeRun } from '../../orchestrator/judge/judge.ts';
import { boundOf, differences, journaled } from './ground-truth.ts';
import { noiseOf } from './noise.ts';
import { rawRequests } from './raw-requests.ts';
import { journalOf } from './recorded-run.ts';
import { type SimulatedRequest, simulatedCsv, simulatedRun } from './simulated-run.ts';

const ZERO = 1_790_000_000_000;
const truth = [{ name: 'f', from: ZERO + 3000, to: ZERO + 3500, downtimeMs: 500, outages: 1 }];

/**
 * 200 requests a second for 7 s at a target that is down from 3 to 3.5 s. After the first good answer there is a pause of 270 ms:
 * of k6, which has a request under way, starts none and reads nothing; or of the target, while k6 goes on.
 */
async function compare(after: 'nothing' | 'k6 pauses' | 'the target stalls') {
  const requests = Array.from({ length: 1400 }, (_, i): SimulatedRequest => {
    const at = i * 5 + 1;
    const failed = at >= 3000 && at < 3500;
    const stuck =
      after !== 'nothing' && at > 3505 && at < 3775 && (at < 3510 || after === 'the target stalls');
    return { start: ZERO + at, durationMs: stuck ? 3776 - at : 1, failed };
  }).filter(({ start }) => after !== 'k6 pauses' || start < ZERO + 3510 || start >= ZERO + 3775);
  const recorded = simulatedRun([simulatedCsv(requests)], ZERO, ZERO + 1e6);
  const { faults, events } = journaled(truth);
  const { verdict } = await judgeRun(journalOf(recorded, { objectives: [], drill: { faults } }, events));
  const bound = boundOf(200, rawRequests(recorded.directory), truth);
  const windows = truth.map(({ name, from, to }) => ({ name, from, to, mode: 'refuse' as const }));
  const noise = noiseOf(recorded.directory, { windows, pauses: [] }, 40).text;
  recorded.remove();
  return { noise, off: differences(verdict.faults, truth, bound) };
}

const off = [
  expect.stringMatching(/^f: downtime is off by 27\d\.\d ms \(bound 5 ms\)$/),
  expect.stringMatching(/^f: recovered is off by 27\d\.\d ms \(bound 5 ms\)$/),
];

test('a pause of k6 right after a fault is noise: the measurement is not blamed for it', async () => {
  expect(await compare('k6 pauses')).toEqual({ noise: 'f: k6 paused just after it ended', off });
});

test('a stall of the target is not noise, and neither is a quiet machine', async () => {
  expect(await compare('the target stalls')).toEqual({ noise: '', off });
  expect(await compare('nothing')).toEqual({ noise: '', off: [] });
});
