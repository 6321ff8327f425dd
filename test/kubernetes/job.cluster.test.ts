import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { createLab, hasCluster, type Lab } from '../../chaos/providers/chaos-mesh/fixtures/lab.ts';
import { waitFor } from '../../chaos/providers/chaos-mesh/fixtures/wait-for.ts';
import type { Verdict } from '../../orchestrator/verdict.types.ts';
import { anyK6 } from '../k6.ts';
import { kubectl } from './command-line.ts';
import { LOAD } from './lab.ts';
import { writeOverlay } from './overlay.ts';
import { ownImage } from './own-image.ts';
import { squallImage } from './squall-image.ts';

const k6 = await anyK6();
const testable = hasCluster && ownImage !== null && k6 !== null;
const JOB = 'squall-drill-once';

// As in docs/scale-out.md: an account without rights of its own, and a volume.
describe.skipIf(!testable)('squall as a Job of a real cluster', () => {
  let lab: Lab;
  let image: string;
  let namespace: string;
  let directory: string;
  /** The volume: a folder of this machine, which is the only node. */
  let reports: string;
  beforeAll(async () => {
    image = (await squallImage(k6?.path ?? '')) ?? '';
    lab = await createLab();
    namespace = `${lab.namespace}-job`;
    directory = mkdtempSync(path.join(tmpdir(), 'squall-job-'));
    reports = path.join(directory, 'reports');
    mkdirSync(reports);
    // The node takes the folder as it is, and squall is not root.
    chmodSync(directory, 0o755);
    chmodSync(reports, 0o777);
    await kubectl('default', 'create', 'namespace', namespace);
    await kubectl(lab.namespace, 'expose', 'deployment', 'web', '--port=8080');
    const account = `--serviceaccount=${namespace}:squall-runner`;
    await kubectl(lab.namespace, 'create', 'rolebinding', 'squall-runner', '--role=squall', account);
    const volume = path.join(directory, 'volume.yaml');
    writeFileSync(volume, stringify(volumeOf(namespace, reports)));
    await kubectl(namespace, 'apply', '-f', volume);
  });
  afterAll(async () => {
    if (namespace !== undefined) {
      await kubectl('default', 'delete', 'namespace', namespace, '--wait=false');
      await kubectl('default', 'delete', 'pv', namespace, '--wait=false', '--ignore-not-found');
    }
    await lab?.close();
    if (directory !== undefined) rmSync(directory, { recursive: true, force: true });
  });

  /** Makes the Job of this drill, in place of the one before. */
  async function begin(drill: object): Promise<void> {
    const environment = {
      name: 'in-cluster',
      vars: { BASE_URL: `http://web.${lab.namespace}:8080/` },
      allow: { kinds: ['stress'], maxTargets: 1, maxDuration: '2min' },
      components: {
        gateway: { provider: 'chaos-mesh', namespace: lab.namespace, labels: { app: 'web' } },
      },
    };
    const files = {
      'drill.yaml': stringify({ name: 'own', steady: { for: '2s' }, ...drill }),
      'environment.yaml': stringify(environment),
      'load.js': LOAD,
    };
    writeOverlay({ directory, namespace, base: 'job', image, files });
    await kubectl(namespace, 'delete', 'job', JOB, '--ignore-not-found');
    await kubectl(namespace, 'apply', '-k', directory);
  }

  const loadOf = (duration: string) => [{ script: 'load.js', vars: { DURATION: duration } }];
  const answers = { name: 'answers', errors: true, below: '1%', phase: 'all', minSamples: 20 };

  async function endOf(job = JOB): Promise<string | undefined> {
    const { conditions = [] } = (await read('job', job)).status;
    return conditions.find(({ type, status }) => status === 'True' && /^(Complete|Failed)$/.test(type))?.type;
  }

  /** How the Job ended, the exit code of its container, and the verdict on the volume. */
  async function ended(): Promise<{ job: string | undefined; exitCode: number; verdict: Verdict }> {
    await waitFor('the end of the Job', async () => (await endOf()) !== undefined, 90_000);
    const job = await endOf();
    const [pod] = (await read('pods', '-l', `job-name=${JOB}`)).items ?? [];
    const file = path.join(reports, pod?.metadata.name ?? '', 'verdict.json');
    if (!existsSync(file)) throw new Error(`no verdict: ${await kubectl(namespace, 'logs', `job/${JOB}`)}`);
    const exitCode = pod?.status.containerStatuses?.[0]?.state.terminated?.exitCode ?? Number.NaN;
    return { job, exitCode, verdict: JSON.parse(readFileSync(file, 'utf8')) as Verdict };
  }

  async function read(...what: readonly string[]): Promise<Read> {
    return JSON.parse(await kubectl(namespace, 'get', ...what, '-o', 'json')) as Read;
  }

  test('a Job that dies in the middle of a fault leaves it to the next one, which undoes it first', {
    timeout: 200_000,
  }, async () => {
    await beginWithFault();
    const [pod] = (await read('pods', '-l', `job-name=${JOB}`)).items ?? [];
    killContainer(pod?.status.containerStatuses?.[0]?.containerID?.replace('containerd://', '') ?? 'none');
    await waitFor('the end of the Job', async () => (await endOf()) === 'Failed', 30_000);
    expect(await lab.residue()).not.toEqual([]);

    await begin({ load: loadOf('6s'), objectives: [answers] });
    const { job, exitCode, verdict } = await ended();
    expect([job, exitCode, verdict.verdict]).toEqual(['Complete', 0, 'PASS']);
    expect(await kubectl(namespace, 'logs', `job/${JOB}`, '-c', 'recover')).toMatch(/stresschaos.*busy/i);
    expect(await lab.residue()).toEqual([]);
    // Beside each other, those of the run that died too.
    expect(readdirSync(reports).filter((name) => name.startsWith(JOB))).toHaveLength(2);
  });

  // Left to a full run: it takes as long as two Jobs.
  test.skipIf(!process.env.SQUALL_FULL)(
    'a second Job on the same volume is refused while the first one runs, and leaves its fault in',
    {
      timeout: 200_000,
    },
    async () => {
      await beginWithFault();
      const faults = await lab.residue();
      const second = `${JOB}-again`;
      await kubectl(namespace, 'create', 'job', second, '--from=cronjob/squall-drill');
      await waitFor('the end of the second', async () => (await endOf(second)) !== undefined, 60_000);
      expect(await endOf(second)).toBe('Failed');
      expect(await kubectl(namespace, 'logs', `job/${second}`, '-c', 'recover')).toMatch(
        new RegExp(`under way \\(pid \\d+ on ${JOB}-`),
      );
      expect(await lab.residue()).toEqual(faults);
      expect(await endOf()).toBeUndefined();
      await kubectl(namespace, 'delete', 'job', JOB, second);
      await waitFor('the end of its pod', async () => (await read('pods')).items?.length === 0, 90_000);
      expect(await lab.residue()).toEqual([]);
    },
  );

  // Nothing but patience: left to a full run.
  test.skipIf(!process.env.SQUALL_FULL)(
    'a Job that is deleted in the middle of a fault undoes it, and its report says INVALID',
    { timeout: 200_000 },
    async () => {
      await beginWithFault();
      const [pod] = (await read('pods', '-l', `job-name=${JOB}`)).items ?? [];
      await kubectl(namespace, 'delete', 'job', JOB);
      await waitFor('the end of its pod', async () => (await read('pods')).items?.length === 0, 90_000);
      expect(await lab.residue()).toEqual([]);
      const file = path.join(reports, pod?.metadata.name ?? '', 'verdict.json');
      expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ verdict: 'INVALID', residue: [] });
    },
  );

  async function beginWithFault(): Promise<void> {
    const params = { cpu: { workers: 1, load: 10 } };
    const busy = { name: 'busy', kind: 'stress', component: 'gateway', at: '4s', for: '60s', params };
    await begin({ load: loadOf('70s'), faults: [busy], objectives: [answers] });
    await waitFor('the fault', async () => (await lab.residue()).length > 0, 90_000);
  }

  test("a drill that fails makes the Job fail, with squall's exit code, and its report is on the volume", {
    timeout: 120_000,
  }, async () => {
    const fast = { name: 'fast', throughput: true, atLeast: '1000/s', phase: 'all', minSamples: 20 };
    await begin({ load: loadOf('6s'), objectives: [answers, fast] });
    const { job, exitCode, verdict } = await ended();
    expect([job, exitCode, verdict.verdict]).toEqual(['Failed', 1, 'FAIL']);
  });
});

interface Read {
  readonly status: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
  readonly items?: readonly {
    readonly metadata: { readonly name: string };
    readonly status: {
      readonly containerStatuses?: readonly {
        readonly containerID?: string;
        readonly state: { readonly terminated?: { readonly exitCode: number } };
      }[];
    };
  }[];
}

/** All that runs in it at once, a guardian too: the kernel ends them with their first process. Only where the node is this machine. */
function killContainer(id: string): void {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  const isFirst = (pid: string) =>
    told(pid, 'cgroup').includes(id) && /^NSpid:.*\t1$/m.test(told(pid, 'status'));
  for (const pid of pids.filter(isFirst)) process.kill(Number(pid), 'SIGKILL');
}

/** Empty when the process has ended meanwhile. */
function told(pid: string, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return '';
  }
}

/** For the claim of deploy/: the cluster has nobody who makes volumes. */
function volumeOf(namespace: string, folder: string): object {
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name: namespace },
    spec: {
      capacity: { storage: '2Gi' },
      accessModes: ['ReadWriteOnce'],
      persistentVolumeReclaimPolicy: 'Retain',
      claimRef: { namespace, name: 'squall-reports' },
      hostPath: { path: folder },
    },
  };
}
