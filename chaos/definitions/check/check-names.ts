import type { Drill } from '../../schema/drill.ts';
import { type DefinitionIssue, issueAt } from '../issues/definition-error.ts';
import { describeValue } from '../issues/inert.ts';
import type { Loaded, Path } from '../issues/source.ts';
import { suggestOrList } from '../issues/suggest.ts';

/** Names are there once, and refer to something. */
export function checkNames(drill: Loaded<Drill>): DefinitionIssue[] {
  const { faults, probes, objectives, load } = drill.value;
  const known = faults.map((fault) => fault.name);
  const issues: DefinitionIssue[] = [
    ...twice(
      drill,
      'fault',
      faults.map((fault, i) => ({ name: fault.name, path: ['faults', i, 'name'] })),
    ),
    ...twice(
      drill,
      'probe',
      probes.map((probe, i) => ({ name: probe.name, path: ['probes', i, 'name'] })),
    ),
    ...twice(
      drill,
      'objective',
      objectives.map((o, i) => ({
        // One objective may be set for several phases.
        name: 'use' in o ? `use: ${o.use}` : o.name,
        within: o.phase ?? 'steady',
        path: ['objectives', i, 'use' in o ? 'use' : 'name'],
      })),
    ),
  ];
  objectives.forEach((objective, i) => {
    const fault = /^(?:fault|recovery):([^+]+)/.exec(objective.phase ?? '')?.[1];
    if (fault !== undefined && !known.includes(fault)) {
      issues.push(
        issueAt(drill, ['objectives', i, 'phase'], noSuchFault('refers to no fault', fault, known)),
      );
    }
  });
  probes.forEach((probe, i) => {
    // An earlier one, so that none waits for itself.
    const starts = [...known, ...probes.slice(0, i).map((earlier) => earlier.name)];
    if (probe.after !== undefined && !starts.includes(probe.after)) {
      const rule = 'is no fault of this drill, and no earlier probe';
      issues.push(issueAt(drill, ['probes', i, 'after'], noSuchFault(rule, probe.after, starts)));
    }
  });
  load.forEach(({ vars }, i) => {
    for (const [name, value] of Object.entries(vars)) {
      if (!value.includes('${env:')) continue;
      issues.push(
        issueAt(drill, ['load', i, 'vars', name], {
          rule: 'a drill holds no secrets: it runs on every environment',
          fix: `move ${name} to \`vars\` of the environment`,
        }),
      );
    }
  });
  return issues;
}

interface Named {
  readonly name: string;
  readonly within?: string;
  readonly path: Path;
}

function twice(drill: Loaded<Drill>, what: string, all: readonly Named[]): DefinitionIssue[] {
  const seen = new Map<string, Named>();
  const issues: DefinitionIssue[] = [];
  for (const one of all) {
    const key = JSON.stringify([one.name, one.within]);
    const first = seen.get(key);
    if (first === undefined) seen.set(key, one);
    else {
      const { line } = drill.placeOf(first.path);
      issues.push(
        issueAt(drill, one.path, {
          rule: `another ${what} has this name${one.within === undefined ? '' : ' and phase'} (line ${line})`,
          value: describeValue(one.name),
          fix: 'give each its own name',
        }),
      );
    }
  }
  return issues;
}

function noSuchFault(rule: string, given: string, known: readonly string[]) {
  return { rule, value: describeValue(given), fix: suggestOrList(given, known, 'faults') };
}
