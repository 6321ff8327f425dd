import path from 'node:path';
import { expect, test, vi } from 'vitest';
import { k6OperatorLoad } from '../../../chaos/schema/load.ts';
import { eachInStateDirectory } from '../../../test/state-directory.ts';
import { startPodsServer } from './fixtures/pods-server.ts';
import { findLoads } from './residue.ts';
import { undoLoad } from './undo.ts';

let directory: string;
eachInStateDirectory((made) => {
  directory = made;
});

test('a pod that tries an image is found by its label and deleted, and no other pod of a run', async () => {
  const kubeconfig = path.join(directory, 'kubeconfig');
  const cluster = await startPodsServer(kubeconfig, {});
  vi.stubEnv('KUBECONFIG', kubeconfig);
  try {
    const labels = { 'app.kubernetes.io/managed-by': 'squall', 'squall/run': 'run-1' };
    for (const name of ['squall-image-0123456789', 'squall-load-0-0123456789-1-x'])
      await fetch(`${cluster.url}/api/v1/namespaces/load/pods`, {
        method: 'POST',
        body: JSON.stringify({ metadata: { name, labels }, spec: { containers: [] } }),
      });
    const settings = k6OperatorLoad.parse({
      ...{ runner: 'k6-operator', namespace: 'load', parallelism: 1, image: 'grafana/k6:1.8.1' },
    });
    const found = await findLoads(settings, undefined, AbortSignal.timeout(10_000));
    expect(found.map(({ describe, command }) => [describe, command])).toEqual([
      [
        'delete the pod load/squall-image-0123456789 (context one) that tries the image of the runners',
        expect.stringMatching(/-n load delete pod squall-image-0123456789 --ignore-not-found$/),
      ],
    ]);
    expect(await undoLoad(found[0] as never, AbortSignal.timeout(10_000))).toMatchObject({ state: 'undone' });
    expect([...cluster.there]).toEqual(['squall-load-0-0123456789-1-x']);
  } finally {
    await cluster.close();
  }
});
