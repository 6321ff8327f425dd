import { factsOf } from '../../providers/definitions.ts';
import type { Drill } from '../../schema/drill.ts';
import type { Environment } from '../../schema/environment.ts';
import { type DefinitionIssue, type IssueText, issueAt } from '../issues/definition-error.ts';
import { describeValue } from '../issues/inert.ts';
import type { Loaded, Path } from '../issues/source.ts';
import { suggestOrList } from '../issues/suggest.ts';

/** What a drill needs from its environment is there. */
export function checkInEnvironment(
  drill: Loaded<Drill>,
  environment: Loaded<Environment>,
): DefinitionIssue[] {
  const issues: DefinitionIssue[] = [];
  const refuse = (path: Path, text: IssueText) => issues.push(issueAt(drill, path, text));
  const { faults, probes, stop, writes } = drill.value;
  const { components, name } = environment.value;
  const where = `in the environment "${name}" (${environment.shown})`;
  const alerts = environment.value.alerts !== undefined;
  const needsAlerts = {
    rule: `needs an alert receiver, and there is none ${where}`,
    fix: 'add `alerts: { listen: 127.0.0.1:9095 }` to the environment, or remove this',
  };

  faults.forEach((fault, i) => {
    const component = Object.hasOwn(components, fault.component) ? components[fault.component] : undefined;
    if (component === undefined) {
      refuse(['faults', i, 'component'], unknownComponent(fault.component, components, where));
    } else {
      const { form, kinds, refusedParam } = factsOf(component);
      if (!kinds.includes(fault.kind)) {
        refuse(['faults', i, 'kind'], {
          rule: `"${fault.component}" is ${form} ${where}, which cannot take this kind of fault`,
          value: describeValue(fault.kind),
          fix:
            kinds.length === 0
              ? 'hit another component'
              : `use ${kinds.join(', ')}, or hit another component`,
        });
      }
      const refused = refusedParam?.(fault);
      if (refused !== undefined) {
        const { path, rule, fix } = refused;
        refuse(['faults', i, ...path], { rule: `${rule} (${where.slice('in '.length)})`, fix });
      }
    }
    if (fault.expect.detectWithin !== undefined && !alerts) {
      refuse(['faults', i, 'expect', 'detectWithin'], needsAlerts);
    }
  });
  probes.forEach((probe, i) => {
    if (probe.kind === 'alert' && !alerts) refuse(['probes', i, 'kind'], needsAlerts);
    if (!('component' in probe) || typeof probe.component !== 'string') return;
    if (!Object.hasOwn(components, probe.component)) {
      refuse(['probes', i, 'component'], unknownComponent(probe.component, components, where));
    }
  });
  stop.forEach((condition, i) => {
    if ('alert' in condition && !alerts) refuse(['stop', i, 'alert'], needsAlerts);
  });
  if (writes !== undefined && environment.value.writes === undefined) {
    refuse(['writes'], {
      rule: `acknowledged writes cannot be looked up ${where}`,
      fix: 'add `writes: { each: "http://…/{id}" }` (or lookup, or command) to the environment, or remove this',
    });
  }
  return issues;
}

function unknownComponent(given: string, components: Environment['components'], where: string): IssueText {
  return {
    rule: `no such component ${where}`,
    value: describeValue(given),
    fix: suggestOrList(given, Object.keys(components), 'known components'),
  };
}
