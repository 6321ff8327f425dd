import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

const integration = '**/*.integration.test.ts';
/** Whole drills on a tiny target: they mostly wait. But three at a time delay a recovery, once by more than the 2 s it is given. */
const drills = [
  'orchestrator/*.integration.test.ts',
  'orchestrator/guardian/*.integration.test.ts',
  'test/reference-target/hang.integration.test.ts',
];
/** Testbeds that come up, lose a part, and heal, and k6 with a load that is counted. No speed is measured here. */
const testbed = [
  'testbed/**/*.integration.test.ts',
  'test/drill/*.integration.test.ts',
  'chaos/providers/local/failover.integration.test.ts',
  'orchestrator/samples/*.integration.test.ts',
  'scripts/lib/*.integration.test.ts',
  'test/load/pages.integration.test.ts',
];
/** What needs a cluster; without KUBECONFIG nearly all of it is skipped. The drills there want the machine for themselves. */
const kubernetesDrills = 'test/kubernetes/drills.integration.test.ts';
const kubernetes = [
  'test/kubernetes/*.integration.test.ts',
  'chaos/providers/chaos-mesh/*.integration.test.ts',
];
/** Begun first where several files run at a time, so that no worker is left alone with one; else the size of a file decides. */
const longest =
  /orchestrator\/(run-drill|sabotage|residue|guardian\/death)\.|testbed\/(lifecycle|healing)\.|drill\/shipped\.|chaos-mesh\/(unable|provider)\./;

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const isLong = ({ moduleId }: TestSpecification) => longest.test(moduleId);
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))];
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
          exclude: [...common.exclude, integration],
          // Of two cores vitest would use one.
          maxWorkers: Math.max(2, availableParallelism() - 1),
        },
      },
      {
        test: {
          ...common,
          ...withRealParts,
          name: 'integration',
          include: [integration],
          exclude: [...common.exclude, ...drills, ...testbed, ...kubernetes],
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
          include: drills,
          maxWorkers: 2,
          sequence: { groupOrder: 2 },
        },
      },
      {
        test: {
          ...common,
          ...withRealParts,
          name: 'testbed',
          include: testbed,
          maxWorkers: 2,
          sequence: { groupOrder: 3 },
        },
      },
      {
        test: {
          ...common,
          ...withRealParts,
          ...onCluster,
          name: 'kubernetes',
          include: kubernetes,
          exclude: [...common.exclude, kubernetesDrills],
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
          include: [kubernetesDrills],
          fileParallelism: false,
          sequence: { groupOrder: 5 },
        },
      },
    ],
  },
});
