import { expect, test, vi } from 'vitest';
import { decide, decideAll } from '../orchestrator/gate/decision/decide.ts';
import { binomialAtLeast } from '../orchestrator/statistics/binomial.ts';
import { seededRandom } from '../orchestrator/statistics/random.ts';
import { asSession } from './gate-decisions.ts';
import { type Harm, type Noise, type Session, session, shiftedSessions } from './gate-noise.ts';
import { FAMILY_ALPHA, mannWhitneyRule, ratioRule, squallRule } from './gate-rules.ts';
import { comparison, decideByLooks, measureStarts } from './gate-starts.ts';

// The short, seeded version of `npm run bench:gate`, which has the tables. It only computes: how long that takes says something of the machine.
vi.setConfig({ testTimeout: 300_000 });
const SEED = 22;
const harmed = (noise: Noise, harm: Harm, count: number) =>
  Array.from({ length: count }, (_, i) => session(noise, harm, SEED + i));

test('two identical sides: at most 2 % regressed and 2 % improved, where the usual rules find far more', () => {
  const counts = { all: 0, regressed: 0, improved: 0, ratio: 0, mannWhitney: 0, faster: 0 };
  for (const noise of ['autocorrelated', 'level steps', 'drift'] as const)
    for (let i = 0; i < 12; i++) {
      const answers = squallRule(session(noise, {}, SEED + i)).map(({ answer }) => answer);
      const runs = session(noise, {}, SEED + i, 'one after the other');
      counts.all += 1;
      counts.regressed += Number(answers.includes('regressed'));
      counts.improved += Number(answers.includes('improved'));
      counts.ratio += Number(ratioRule(runs));
      counts.mannWhitney += Number(mannWhitneyRule(runs));
      counts.faster += Number(ratioRule({ ...runs, baseline: runs.candidate, candidate: runs.baseline }));
    }
  expect(contradicts(counts.regressed, counts.all, 0.02)).toBe(false);
  expect(contradicts(counts.improved, counts.all, 0.02)).toBe(false);
  // Two runs one after the other, and the rules that are known to be wrong: the same bound fails.
  expect(contradicts(counts.ratio, counts.all, 0.02)).toBe(true);
  expect(contradicts(counts.mannWhitney, counts.all, 0.02)).toBe(true);
  expect(contradicts(counts.faster, counts.all, 0.02)).toBe(true);
});

test('many questions about two identical sides have one chance of a false alarm; each with its own has many', () => {
  const random = seededRandom(SEED);
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const side = () => Array.from({ length: 25 }, () => [100 * Math.exp(0.1 * normal())]);
  // So small a difference always matters: only the test decides.
  const criteria = { measure: 'throughput', alpha: 0.01, smallest: { ratio: 0, absoluteMs: 0 } } as const;
  const counts = { together: 0, improved: 0, each: 0 };
  const families = 100;
  for (let i = 0; i < families; i++) {
    const sides = Array.from({ length: 20 }, () => ({ baseline: side(), candidate: side() }));
    const questions = sides.map((one) => ({ unit: 'slot' as const, sides: one, criteria }));
    const answers = decideAll(questions, FAMILY_ALPHA).map(({ answer }) => answer);
    counts.together += Number(answers.includes('regressed'));
    counts.improved += Number(answers.includes('improved'));
    counts.each += Number(sides.some((one) => decide('slot', one, criteria).answer === 'regressed'));
  }
  expect(contradicts(counts.together, families, 0.02)).toBe(false);
  expect(contradicts(counts.improved, families, 0.02)).toBe(false);
  expect(contradicts(counts.each, families, 0.02)).toBe(true);
});

test('10 % on everything is a regression of p50 and p95', () => {
  for (const noise of ['independent', 'autocorrelated', 'drift'] as const)
    for (const one of harmed(noise, { factor: 1.1 }, 3)) {
      const [p50, p95] = squallRule(one);
      expect([noise, p50?.answer, p95?.answer]).toEqual([noise, 'regressed', 'regressed']);
      // Known to find nothing: the same requests in five long pairs.
      expect([noise, squallRule(inFive(one))[1]?.answer]).toEqual([noise, 'cannot tell']);
    }
});

test('a session that is drawn once for several factors is the one that is drawn for each', () => {
  for (const noise of ['autocorrelated', 'coarse clock'] as const)
    expect(shiftedSessions(noise, [1, 1.1], SEED)).toEqual([
      session(noise, {}, SEED),
      session(noise, { factor: 1.1 }, SEED),
    ]);
});

test('a candidate that is 10 % faster is improved, and never regressed', () => {
  for (const one of harmed('autocorrelated', { factor: 1 / 1.1 }, 3))
    expect(squallRule(one).map(({ answer }) => answer)).toContain('improved');
});

test('20 ms on one request in a hundred is seen by p99 alone', () => {
  for (const one of harmed('independent', { slowPercentMs: 40 }, 3)) {
    const [p50, , p99, errors] = squallRule(one);
    expect([p50?.answer, p99?.answer, errors?.answer]).toEqual(['same', 'regressed', 'same']);
  }
});

test('one failing request in 500 is seen by errors alone', () => {
  for (const one of harmed('autocorrelated', { failsOneIn: 500 }, 3)) {
    const [p50, p95, , errors] = squallRule(one);
    expect(errors?.answer).toBe('regressed');
    expect([p50?.answer, p95?.answer]).not.toContain('regressed');
  }
});

test('a leak that both sides have is no regression', () => {
  for (const one of harmed('independent', { leak: 1 }, 5))
    expect(squallRule(one).map(({ answer }) => answer)).not.toContain('regressed');
});

test('targets that change from start to start, or while they run, are no regression: their slots alone would say so', () => {
  const counts = { all: 0, regressed: 0, bySlots: 0 };
  for (const [kind, sessions] of [
    ['bimodal, 30 % apart', 16],
    ['leaky', 2],
    ['slow-starting', 2],
  ] as const)
    for (let i = 0; i < sessions; i++) {
      const starts = measureStarts({ baseline: kind, candidate: kind, seed: SEED + 10 * i });
      const answers = decideByLooks(comparison, starts).results.map(({ answer }) => answer);
      const bySlots = squallRule(asSession(starts, 'GET /')).map(({ answer }) => answer);
      counts.all += 1;
      counts.regressed += Number(answers.includes('regressed'));
      counts.bySlots += Number(bySlots.includes('regressed'));
    }
  expect(contradicts(counts.regressed, counts.all, 0.02)).toBe(false);
  expect(contradicts(counts.bySlots, counts.all, 0.02)).toBe(true);
});

test('a candidate that alone leaks, or starts slowly, has regressed', () => {
  for (const candidate of ['leaky', 'slow-starting'] as const) {
    const starts = measureStarts({ baseline: 'steady', candidate, seed: SEED });
    const [p50] = decideByLooks(comparison, starts).results;
    expect([candidate, p50?.answer]).toEqual([candidate, 'regressed']);
  }
});

/** The 25 pairs of a session as five. */
function inFive(one: Session): Session {
  const joined = (slots: readonly number[][]) =>
    Array.from({ length: 5 }, (_, i) => slots.slice(5 * i, 5 * i + 5).flat());
  return {
    baseline: joined(one.baseline),
    candidate: joined(one.candidate),
    baselineFailed: joined(one.baselineFailed),
    candidateFailed: joined(one.candidateFailed),
  };
}

/** Is so high a count, of so many, out of reach (p < 1 %) for a rule that is wrong with this probability? */
function contradicts(count: number, of: number, probability: number): boolean {
  return binomialAtLeast(count, of, probability) < 0.01;
}
