import { expect, test } from 'vitest';
import type { UseSeen } from '../verdict.types.ts';
import type { FaultTimes } from './fault-times.ts';
import { judgeUse } from './use.ts';

const before = (inUse: boolean | null): UseSeen => ({
  when: 'steady',
  inUse,
  forMs: 20_000,
  seen: [`was ${inUse}`],
});
const during = (inUse: boolean | null): UseSeen => ({ ...before(inUse), when: 'in', seen: [`is ${inUse}`] });

function judge(
  use: readonly UseSeen[],
  options: { noticed?: string[]; unnoticed?: boolean; isWatched?: boolean; kind?: string } = {},
) {
  const times = {
    fault: { component: 'backend', kind: options.kind, expect: { unnoticed: options.unnoticed } },
    injectedAt: 1,
    use,
  } as unknown as FaultTimes;
  return judgeUse(times, options.noticed ?? [], options.isWatched ?? true);
}

test('a request noticed it: the leg holds, whatever was measured', () => {
  for (const inUse of [true, false, null]) {
    const { evidence, problem } = judge([before(inUse)], { noticed: ['7 of 9 GET / failed'] });
    expect(problem).toBeNull();
    expect(evidence).toEqual([`was ${inUse}`, '7 of 9 GET / failed']);
  }
});

test('in use, and no request noticed it: the leg holds, and says so', () => {
  expect(judge([before(true)])).toEqual({
    evidence: ['was true', 'backend was in use before it; no request noticed the fault'],
    problem: null,
  });
});

test('not in use: nothing is proven, whatever the drill allows', () => {
  const problem = 'nothing used backend in the 20 s before';
  expect(judge([before(false)]).problem).toBe(problem);
  expect(judge([before(false)], { unnoticed: true }).problem).toBe(problem);
  expect(judge([before(false), during(null)]).problem).toBe(problem);
});

test('use that is seen only while the fault is in counts', () => {
  expect(judge([before(false), during(true)]).problem).toBeNull();
  expect(judge([before(null), during(true)]).problem).toBeNull();
  expect(judge([before(null), during(false)]).problem).not.toBeNull();
});

test.each(['freeze', 'stop', 'partition'])(
  'clients that a %s cuts off connect again, and that is no use by the load',
  (kind) => {
    expect(judge([before(null), during(true)], { kind }).problem).not.toBeNull();
    expect(judge([before(false), during(true)], { kind }).problem).not.toBeNull();
    expect(judge([before(true), during(true)], { kind }).problem).toBeNull();
    expect(judge([before(null), during(true)], { kind: 'latency' }).problem).toBeNull();
  },
);

test('use that could not be measured proves nothing, unless the drill allows that nobody notices', () => {
  expect(judge([before(null)]).problem).toBe(
    'whether anything used backend could not be measured (was null), and no request noticed the fault',
  );
  expect(judge([before(null)], { unnoticed: true }).problem).toBeNull();
  expect(judge([]).problem).toContain('nobody looked');
});

test('a fault that never went in has no evidence, even if its target was in use', () => {
  const fault = { component: 'backend', expect: {} };
  const times = { fault, injectedAt: null, use: [before(true)] } as unknown as FaultTimes;
  expect(judgeUse(times, [], true)).toEqual({ evidence: [], problem: null });
});

test('the journal of a squall that did not look yet is judged as it was then', () => {
  expect(judge([], { isWatched: false }).problem).toBeNull();
});
