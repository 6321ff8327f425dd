import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, expect, test, vi } from 'vitest';
import { loadSettings } from '../../../chaos/schema/load.ts';
import { anyK6 } from '../../../test/k6.ts';
import { k6OperatorRunner } from './runner.ts';

const k6 = await anyK6();
const directory = mkdtempSync(path.join(os.tmpdir(), 'squall-ignored-'));
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(directory, { recursive: true });
});

test.skipIf(k6 === null)(
  'a threshold that cannot be judged over several runners is refused, unless the drill ignores it',
  async () => {
    const script = path.join(directory, 'script.js');
    writeFileSync(
      script,
      `import { Counter } from 'k6/metrics';
const make = (Kind, name) => new Kind(name);
make(Counter, 'made');
export const options = {
  scenarios: { load: { executor: 'constant-arrival-rate', rate: 2, duration: '2s', preAllocatedVUs: 2 } },
  thresholds: { made: ['rate>1'] },
};
export default () => {};
`,
    );
    vi.stubEnv('KUBECONFIG', path.join(directory, 'none'));
    const settings = loadSettings.parse({
      runner: 'k6-operator',
      context: 'no-such-context',
      namespace: 'load',
      image: 'grafana/k6:1.8.1',
      parallelism: 2,
    });
    const inspect = (judgesThresholds?: boolean) =>
      k6OperatorRunner.inspect({
        k6: k6 as NonNullable<typeof k6>,
        script,
        vars: {},
        settings,
        ...(judgesThresholds === undefined ? {} : { judgesThresholds }),
      });
    await expect(inspect()).rejects.toThrow('cannot be judged over several runners');
    await expect(inspect(true)).rejects.toThrow('cannot be judged over several runners');
    // What comes next is the cluster, which is not there.
    await expect(inspect(false)).rejects.toThrow('no cluster is configured');
  },
);
