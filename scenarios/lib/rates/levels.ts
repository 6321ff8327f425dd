import type { ObjectiveSet } from '../../../thresholds/objective.ts';

export interface Level {
  /** Becomes k6's tag `scenario`. */
  readonly name: string;
  readonly durationMs: number;
  /** k6's description of the load, without its start time. */
  readonly executor: Readonly<Record<string, unknown>>;
}

/** k6 scenarios one after the other, with a pause in which the last requests of a level end before the next begins. */
export const inTurn = (gapMs: number, levels: readonly Level[]): Record<string, Record<string, unknown>> => {
  let startMs = 0;
  const scenarios: Record<string, Record<string, unknown>> = {};
  for (const { name, durationMs, executor } of levels) {
    scenarios[name] = { ...executor, startTime: `${startMs}ms`, gracefulStop: `${gapMs}ms` };
    startMs += durationMs + gapMs;
  }
  return scenarios;
};

/** The same objectives, for one level only. */
export const at = (level: string, objectives: ObjectiveSet): ObjectiveSet => {
  return objectives.map((objective) => ({
    ...objective,
    name: `${objective.name}.${level}`,
    where: { ...objective.where, scenario: level },
  }));
};
