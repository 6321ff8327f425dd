import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { hasCluster } from '../../chaos/providers/chaos-mesh/fixtures/lab.ts';
import { kubectl } from './command-line.ts';
import { writeOverlay } from './overlay.ts';

interface Resource {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly data?: Readonly<Record<string, string>>;
  readonly spec: { readonly suspend?: boolean } & PodTemplate & {
      readonly jobTemplate?: { spec: PodTemplate };
    };
}
interface PodTemplate {
  readonly template?: { readonly spec: PodSpec };
}
interface PodSpec {
  readonly initContainers: readonly Container[];
  readonly containers: readonly Container[];
  readonly volumes: readonly { readonly configMap?: { readonly name: string } }[];
}
interface Container {
  readonly image: string;
}

const IMAGE = 'registry.example.com/squall:1.2.0';
const namespace = 'squall-test-deploy';

describe.skipIf(!hasCluster)('squall inside a cluster, with an overlay as in docs/scale-out.md', () => {
  let directory: string;
  beforeAll(async () => {
    directory = mkdtempSync(path.join(tmpdir(), 'squall-deploy-'));
    await kubectl('default', 'create', 'namespace', namespace);
  });
  afterAll(async () => {
    rmSync(directory, { recursive: true, force: true });
    await kubectl('default', 'delete', 'namespace', namespace, '--wait=false');
  });

  async function built(base: 'job' | 'nightly'): Promise<Resource[]> {
    const files = { 'drill.yaml': 'name: own\n', 'environment.yaml': 'name: staging\n' };
    writeOverlay({ directory, namespace, base, image: IMAGE, files });
    const text = await kubectl(namespace, 'kustomize', directory);
    return parseAllDocuments(text).map((document) => document.toJS() as Resource);
  }

  test.each([
    ['job', true],
    ['nightly', false],
  ] as const)(
    '%s: the own drill and image are in every container, and the API server takes it',
    async (base, isOnce) => {
      const resources = await built(base);
      const one = (kind: string) => resources.find((resource) => resource.kind === kind);
      const drill = one('ConfigMap');
      expect(drill?.data).toEqual({ 'drill.yaml': 'name: own\n', 'environment.yaml': 'name: staging\n' });
      const nightly = one('CronJob');
      expect(nightly?.spec.suspend).toBe(isOnce);
      const template = nightly?.spec.jobTemplate?.spec.template;
      // What is run once is what would be run every night.
      expect(one('Job')?.spec.template).toEqual(isOnce ? template : undefined);
      const { initContainers = [], containers = [], volumes = [] } = template?.spec ?? {};
      expect([...initContainers, ...containers].map(({ image }) => image)).toEqual([IMAGE, IMAGE]);
      expect(volumes.map(({ configMap }) => configMap?.name)).toContain(drill?.metadata.name);
      expect(new Set(resources.map((resource) => resource.metadata.namespace))).toEqual(new Set([namespace]));
      const taken = await kubectl(
        namespace,
        ...['apply', '-k', directory, '--dry-run=server', '--validate=strict', '-o', 'name'],
      );
      expect(taken.split('\n')).toHaveLength(resources.length);
    },
  );
});
