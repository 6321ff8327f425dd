import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/**
 * A test's suffix names its project, so that a rename cannot drop it (test/projects.json).
 * CONTRIBUTING.md says what belongs where.
 */
const projects = JSON.parse(readFileSync(new URL('./test/projects.json', import.meta.url), 'utf8'));
const filesOf = (project: string) => `**/*.${projects[project].suffix}.test.ts`;
/**
 * Where several files run at a time, those that take longest begin first, in this order, so that no worker is left alone with one. After
 * them, the size of a file decides.
 */
const longest = [
  ...['drill/shipped-drills.', 'drill/shipped-drills-red.', 'drill/asked-drills.', 'drill/control-drills.'],
  ...['testbed/control-plane.', 'aws/drills.', 'testbed/lifecycle.', 'testbed/healing.', 'testbed/failover.'],
  ...['runs/gate.', 'guardian/death.', 'runs/run-drill.', 'runs/sabotage.', 'runs/failover-sabotage.'],
  ...['chaos-mesh/unable.', 'chaos-mesh/faults.', 'chaos-mesh/provider.', 'kubernetes/load.'],
  ...['drill/shipped.', 'kubernetes/lost.', 'local/provider.'],
];

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const placeOf = ({ moduleId }: TestSpecification) => {
      const place = longest.findIndex((part) => moduleId.includes(`/${part}`));
      return place === -1 ? longest.length : place;
    };
    return sorted.sort((a, b) => placeOf(a) - placeOf(b));
  }
}

const common = { globalSetup: './test/compile.ts', exclude: ['node_modules', 'dist', 'build', 'reports'] };
const onCluster = { globalSetup: [common.globalSetup, './test/kubernetes/priority.ts'] };
const withRealParts = {
  // In a pipeline the machine belongs to others, too: what fails twice in a row is broken. By hand nothing is tried again.
  retry: process.env.CI ? 1 : 0,
  testTimeout: 120_000,
  hookTimeout: 180_000,
};

export default defineConfig({
  test: {
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        test: {
          ...common,
          name: 'unit',
          include: ['**/*.test.ts'],
          exclude: [...common.exclude, '**/*.*.test.ts'],
          // Some have real processes. How long they take says something of the machine only; this ends what hangs.
          testTimeout: 30_000,
          hookTimeout: 60_000,
          // Of two cores vitest would use one. With three the stand-in for AWS, whose hours are seconds, was seen to be too late.
          maxWorkers: Math.max(2, availableParallelism() - 1),
        },
      },
      {
        test: {
          ...common,
          ...withRealParts,
          name: 'integration',
          include: [filesOf('integration')],
          // Load is measured here: one file at a time keeps them from disturbing each other.
          fileParallelism: false,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          ...common,
          ...withRealParts,
          name: 'drills',
          include: [filesOf('drills')],
          maxWorkers: 2,
          sequence: { groupOrder: 2 },
        },
      },
      {
        test: {
          ...common,
          ...withRealParts,
          name: 'testbed',
          include: [filesOf('testbed')],
          // scripts/test.sh says 1 on a slow machine.
          maxWorkers: Number(process.env.SQUALL_TEST_TESTBEDS ?? 2),
          sequence: { groupOrder: 3 },
        },
      },
      {
        test: {
          ...common,
          ...withRealParts,
          ...onCluster,
          name: 'kubernetes',
          include: [filesOf('kubernetes')],
          maxWorkers: 4,
          sequence: { groupOrder: 4 },
        },
      },
      {
        test: {
          ...common,
          ...withRealParts,
          ...onCluster,
          name: 'kubernetes-drills',
          include: [filesOf('kubernetes-drills')],
          fileParallelism: false,
          sequence: { groupOrder: 5 },
        },
      },
    ],
  },
});
