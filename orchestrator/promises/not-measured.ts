import type { Drill } from '../../chaos/schema/drill.ts';
import type { Register } from '../../chaos/schema/register.ts';
import type { UnmeasuredPromise } from '../verdict.types.ts';
import { measureText } from './measure-text.ts';

/**
 * The promises that a drill does not measure, of the systems that it is about: those whose components it hits, and those of which it
 * measures a promise. Pure, and known before the run.
 */
export function notMeasuredBy(
  drill: Drill,
  objectives: readonly { readonly name: string }[],
  register: Register,
  environment?: string,
): UnmeasuredPromise[] {
  const hit = new Set(drill.faults.map(({ component }) => component));
  const about = new Set(
    Object.keys(register.systems).filter((name) =>
      register.systems[name]?.components.some((one) => hit.has(one)),
    ),
  );
  const parts = Object.values(register.areas).flatMap((area) =>
    Object.entries(area.promises).flatMap(([id, promise]) => {
      const system = promise.system ?? area.system ?? '';
      const owner = promise.owner ?? register.systems[system]?.owner ?? '';
      const states = promise.parts
        ? Object.entries(promise.parts).map(([name, part]) => ({ id: `${id}, ${name}`, ...part }))
        : [{ ...promise, id }];
      return states.map(({ id, bound, by = [], notMeasured }) => ({
        system,
        isMeasured: by.some(
          (one) =>
            (one.environment ?? environment) === environment &&
            isOf(one.drill, one.scenario, one.gate, one.objective),
        ),
        row: {
          id,
          bound,
          owner,
          reason:
            notMeasured ??
            `measured by ${[...new Set(by.map((one) => measureText(one).split(':')[0]))].join(', ')}`,
        },
      }));
    }),
  );
  for (const { system, isMeasured } of parts) if (isMeasured) about.add(system);
  return parts.filter(({ system, isMeasured }) => about.has(system) && !isMeasured).map(({ row }) => row);

  /** Of any run, a measurement is one of this drill if the drill has its objective. */
  function isOf(ofDrill?: string, scenario?: string, gate?: string, objective?: string): boolean {
    if (ofDrill !== undefined) return ofDrill === drill.name;
    if (scenario !== undefined || gate !== undefined || objective === undefined) return false;
    return objectives.some(({ name }) => name === objective);
  }
}
