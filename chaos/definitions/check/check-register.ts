import type { Register } from '../../schema/register.ts';
import { type DefinitionIssue, issueAt } from '../issues/definition-error.ts';
import { describeValue } from '../issues/inert.ts';
import type { Loaded } from '../issues/source.ts';
import { suggestOrList } from '../issues/suggest.ts';

/** What a register must be in itself: ids are unique over all areas, and each promise belongs to a system that is listed. */
export function checkRegister(register: Loaded<Register>): DefinitionIssue[] {
  const { systems, areas } = register.value;
  const issues: DefinitionIssue[] = [];
  const seen = new Map<string, number>();
  const unknownSystem = (path: string[], system: string) => {
    if (Object.hasOwn(systems, system)) return;
    issues.push(
      issueAt(register, path, {
        rule: 'there is no such system',
        value: describeValue(system),
        fix: suggestOrList(system, Object.keys(systems)),
      }),
    );
  };
  for (const [areaName, area] of Object.entries(areas)) {
    if (area.system !== undefined) unknownSystem(['areas', areaName, 'system'], area.system);
    for (const [id, promise] of Object.entries(area.promises)) {
      const path = ['areas', areaName, 'promises', id];
      const first = seen.get(id);
      if (first !== undefined)
        issues.push(
          issueAt(
            register,
            path,
            {
              rule: `another promise has this id (line ${first})`,
              value: describeValue(id),
              fix: 'rename one',
            },
            'key',
          ),
        );
      else seen.set(id, register.placeOf(path, 'key').line);
      if (promise.system !== undefined) unknownSystem([...path, 'system'], promise.system);
      else if (area.system === undefined)
        issues.push(
          issueAt(register, path, {
            rule: 'this promise belongs to no system',
            fix: `say \`system:\` here or in the area; ${suggestOrList('', Object.keys(systems))}`,
          }),
        );
    }
  }
  return issues;
}
