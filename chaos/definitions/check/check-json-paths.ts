import type { Drill } from '../../schema/drill.ts';
import { type DefinitionIssue, issueAt } from '../issues/definition-error.ts';
import { describeValue } from '../issues/inert.ts';
import type { Loaded } from '../issues/source.ts';

/** Paths of `json` probes that are none. The library that knows is loaded only for them. */
export async function checkJsonPaths(drill: Loaded<Drill>): Promise<DefinitionIssue[]> {
  const issues: DefinitionIssue[] = [];
  for (const [i, probe] of drill.value.probes.entries()) {
    if (probe.kind !== 'json') continue;
    const { checkJsonPath } = await import('../../fields/json-path.ts');
    try {
      checkJsonPath(probe.path);
    } catch (error) {
      const [first = ''] = (error as Error).message.split('\n');
      issues.push(
        issueAt(drill, ['probes', i, 'path'], {
          rule: `this is no JSON path: ${first}`,
          value: describeValue(probe.path),
          fix: 'write for example $.rounds or $.checks[?@.name=="db"].up',
        }),
      );
    }
  }
  return issues;
}
