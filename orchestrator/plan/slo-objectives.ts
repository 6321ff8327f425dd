import type { CountedEvents, Slo } from '../../chaos/schema/slo.ts';
import type { Objective } from '../../thresholds/objective.ts';
import { type PromisedShare, promisedShare } from '../objectives/budget/promised-share.ts';
import { RefusalError } from '../refusal.ts';
import { loadObjectiveSet } from './objective-sets.ts';

/** An objective whose events somebody counts. */
export interface SloObjective {
  readonly name: string;
  readonly objective: Objective;
  readonly promised: PromisedShare;
  readonly events: CountedEvents;
}

/** Brings the queries of an environment and the promises together. @throws RefusalError */
export async function sloObjectives(slo: Slo, cwd: string): Promise<SloObjective[]> {
  const known = new Map<string, Objective>();
  for (const set of slo.use) {
    const objectives = await loadObjectiveSet(set, cwd).catch((error: Error) => {
      throw new RefusalError(error.message);
    });
    for (const objective of objectives) known.set(objective.name, objective);
  }
  return Object.entries(slo.objectives).map(([name, events]) => {
    const objective = objectiveOf(name, events, known);
    const promised = promisedShare(objective, events.window);
    if (promised === null)
      throw new RefusalError(
        `slo.objectives.${name}: a throughput or a counter is no share of events, so it has no error budget. Take it out, or give it \`atLeast:\` under another name`,
      );
    return { name, objective, promised, events };
  });
}

function objectiveOf(
  name: string,
  { atLeast, window = '30d' }: CountedEvents,
  known: ReadonlyMap<string, Objective>,
): Objective {
  const found = known.get(name);
  if (atLeast === undefined) {
    if (found !== undefined) return found;
    const sets =
      known.size === 0 ? 'no set is named in slo.use' : `slo.use has ${[...known.keys()].join(', ')}`;
    throw new RefusalError(
      `slo.objectives.${name}: nothing says what is promised (${sets}). Add \`atLeast: 99.9%\`, or name the set that has it in slo.use`,
    );
  }
  if (found !== undefined)
    throw new RefusalError(
      `slo.objectives.${name} is promised twice: by \`atLeast\` and by a set in slo.use. Remove one of the two`,
    );
  return { name, availability: true, atLeast, window };
}
