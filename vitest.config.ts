import { defineConfig } from 'vitest/config';

const integration = '**/*.integration.test.ts';
/** Whole drills on a tiny target: they mostly wait. */
const drills = ['orchestrator/*.integration.test.ts', 'orchestrator/guardian/*.integration.test.ts'];
/** What needs a cluster; without KUBECONFIG nearly all of it is skipped. The drills there want the machine for themselves. */
const kubernetesDrills = 'test/kubernetes/drills.integration.test.ts';
const kubernetes = [
  'test/kubernetes/*.integration.test.ts',
  'chaos/providers/chaos-mesh/*.integration.test.ts',
];
const common = { globalSetup: './test/compile.ts', exclude: ['node_modules', 'dist', 'build', 'reports'] };
const withRealParts = {
  // In a pipeline the machine belongs to others, too: what fails twice in a row is broken. By hand nothing is tried again.
  retry: process.env.CI ? 1 : 0,
  testTimeout: 120_000,
  hookTimeout: 180_000,
};

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          ...common,
          name: 'unit',
          include: ['**/*.test.ts'],
          exclude: [...common.exclude, integration],
        },
      },
      {
        test: {
          ...common,
          ...withRealParts,
          name: 'integration',
          include: [integration],
          exclude: [...common.exclude, ...drills, ...kubernetes],
          // Real databases and load share the machine: one file at a time keeps them from disturbing each other.
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
          name: 'kubernetes',
          include: kubernetes,
          exclude: [...common.exclude, kubernetesDrills],
          maxWorkers: 2,
          sequence: { groupOrder: 3 },
        },
      },
      {
        test: {
          ...common,
          ...withRealParts,
          name: 'kubernetes-drills',
          include: [kubernetesDrills],
          fileParallelism: false,
          sequence: { groupOrder: 4 },
        },
      },
    ],
  },
});
