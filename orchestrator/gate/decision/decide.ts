import { holm } from '../../statistics/holm.ts';
import { answerTo, type Evidence } from './answer.ts';
import { evidenceByRate } from './by-rate.ts';
import { evidenceBySlot } from './by-slot.ts';
import { evidenceBySlotAndStart } from './by-slot-and-start.ts';
import { doubtAbout, evidenceByStart, type Prior, RUNS, STARTS } from './by-start.ts';
import type { Comparison, Criteria, Sides } from './comparison.ts';

/** What one list of values is: a slot of a side-by-side measurement, one start of a process, or a whole run. */
export type Unit = 'slot' | 'start' | 'run';

/**
 * Compares the candidate with the baseline. A pure function of its input: the same input has the same answer.
 * Every list must have values; slots come in pairs.
 */
export function decide(unit: Unit, sides: Sides, criteria: Criteria): Comparison {
  const evidence = evidenceOf(unit, sides, criteria);
  return answerTo(evidence, criteria, evidence.p <= criteria.alpha);
}

/** One of several questions: a measure of a request. */
export interface Question {
  readonly unit: Unit;
  readonly sides: Sides;
  readonly criteria: Criteria;
  /** Of slots that were measured over several starts: the start that each pair belongs to. */
  readonly starts?: readonly number[];
  /** What is known of the difference between starts; left out: what is known of starts in general. */
  readonly prior?: Prior;
}

/**
 * Answers several questions so that the whole family has a false `regressed`, and a false `improved`, with probability `alpha` at most
 * (Holm). The intervals are those of each question by itself.
 */
export function decideAll(questions: readonly Question[], alpha: number): Comparison[] {
  const evidence = questions.map(({ unit, sides, criteria, starts, prior }) =>
    starts === undefined
      ? evidenceOf(unit, sides, criteria)
      : evidenceBySlotAndStart(sides, criteria, starts, prior),
  );
  // Whether there is enough to decide on does not depend on what the values are, so what cannot be asked costs the others nothing.
  const asked = evidence.filter(({ doubt }) => doubt === undefined);
  const adjusted = (up: boolean) => {
    const values = holm(asked.map(({ estimate, p }) => (estimate >= 0 === up ? p : 1)));
    return new Map(asked.map((one, i) => [one, values[i] as number]));
  };
  const [up, down] = [adjusted(true), adjusted(false)];
  return questions.map(({ criteria }, i) => {
    const found = evidence[i] as Evidence;
    const p = (found.estimate >= 0 ? up : down).get(found) ?? 1;
    return answerTo(found, criteria, p <= alpha);
  });
}

function evidenceOf(unit: Unit, sides: Sides, criteria: Criteria): Evidence {
  const atLeast = unit === 'run' ? RUNS : STARTS;
  const byUnit = () =>
    unit === 'slot' ? evidenceBySlot(sides, criteria) : evidenceByStart(sides, criteria, atLeast);
  if (criteria.measure !== 'errors') return byUnit();
  const evidence = evidenceByRate(sides, criteria, byUnit);
  return unit === 'slot' ? evidence : { ...evidence, ...doubtAbout(sides, criteria.measure, atLeast) };
}
