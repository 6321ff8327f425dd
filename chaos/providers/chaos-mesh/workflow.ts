import { stringify } from 'yaml';
import type { Drill, DrillFault } from '../../schema/drill.ts';
import type { Environment } from '../../schema/environment.ts';
import type { ChaosMeshComponent } from './component.ts';
import { refuse } from './errors.ts';
import { buildSpec } from './objects/build.ts';
import { goDuration } from './objects/selection.ts';
import { type ChaosKind, GROUP, VERSION } from './objects/types.ts';

/** The field of a Workflow template that takes the spec of each kind. */
const SPEC_FIELD: Readonly<Record<ChaosKind, string>> = {
  PodChaos: 'podChaos',
  NetworkChaos: 'networkChaos',
  StressChaos: 'stressChaos',
  IOChaos: 'ioChaos',
  DNSChaos: 'dnsChaos',
  HTTPChaos: 'httpChaos',
  TimeChaos: 'timeChaos',
};

/** How long the workflow waits on a kill, which is over at once. */
const ONE_SHOT_MS = 10_000;

/**
 * The faults of a drill as a Chaos Mesh Workflow: each waits for its `at`, in parallel with the others, and ends after its `for`.
 * Pods are named by the labels of the components and picked by Chaos Mesh, so squall's limits do not hold there.
 * @throws ProviderError for faults that are not on Chaos Mesh, or not in one namespace
 */
export function exportWorkflow({
  drill,
  environment,
}: {
  readonly drill: Drill;
  readonly environment: Environment;
}): string {
  if (drill.faults.length === 0) throw refuse(`drill ${drill.name} has no faults to export`, 'add one');
  const parts = drill.faults.map((fault) => branch(fault, componentOf(fault, environment)));
  const namespaces = [...new Set(parts.map((part) => part.namespace))];
  const [namespace = ''] = namespaces;
  if (namespaces.length > 1) {
    throw refuse(
      `the faults of drill ${drill.name} are in ${namespaces.join(' and ')}, and a Workflow has one namespace`,
      'export a drill for each namespace',
    );
  }
  const workflow = {
    apiVersion: `${GROUP}/${VERSION}`,
    kind: 'Workflow',
    metadata: { name: drill.name, namespace, labels: { 'app.kubernetes.io/managed-by': 'squall' } },
    spec: {
      entry: 'faults',
      templates: [
        {
          name: 'faults',
          templateType: 'Parallel',
          deadline: goDuration(Math.max(...drill.faults.map(endsAt)) + 60_000),
          children: drill.faults.map((fault) => `${fault.name}-branch`.slice(0, 63)),
        },
        ...parts.flatMap((part) => part.templates),
      ],
    },
  };
  return `${header(drill)}${stringify(workflow, { lineWidth: 110 })}`;
}

function componentOf(fault: DrillFault, environment: Environment): ChaosMeshComponent {
  const component = environment.components[fault.component];
  if (component?.provider === 'chaos-mesh') return component;
  throw refuse(
    `fault ${fault.name}: component ${fault.component} is not on Chaos Mesh in environment ${environment.name}`,
    'choose an environment where it is: --env kubernetes',
  );
}

function branch(fault: DrillFault, component: ChaosMeshComponent) {
  const count = 'count' in fault.params ? fault.params.count : 1;
  const { kind, spec } = buildSpec({
    fault,
    componentName: fault.component,
    component,
    hit: { matching: { count: component.to === undefined ? count : 'all' }, container: component.container },
  });
  const wait = `${fault.name}-wait`.slice(0, 63);
  const name = fault.name;
  return {
    namespace: component.namespace,
    templates: [
      {
        name: `${fault.name}-branch`.slice(0, 63),
        templateType: 'Serial',
        deadline: goDuration(endsAt(fault) + 30_000),
        children: [...(fault.at > 0 ? [wait] : []), name],
      },
      ...(fault.at > 0 ? [{ name: wait, templateType: 'Suspend', deadline: goDuration(fault.at) }] : []),
      { name, templateType: kind, deadline: goDuration(lasts(fault)), [SPEC_FIELD[kind]]: spec },
    ],
  };
}

const lasts = (fault: DrillFault) => ('for' in fault ? fault.for : ONE_SHOT_MS);
const endsAt = (fault: DrillFault) => fault.at + lasts(fault);

function header(drill: Drill): string {
  return [
    `# The faults of the drill ${drill.name} as a Chaos Mesh Workflow, written by squall export.`,
    '# A Workflow has no load, no steady state, no evidence and no verdict, and its times count from its creation.',
    '',
    '',
  ].join('\n');
}
