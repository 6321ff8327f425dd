import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { stringify } from 'yaml';
import { createLab, type Lab } from '../../chaos/providers/chaos-mesh/fixtures/lab.ts';
import { type CommandLine, makeCommandLine } from './command-line.ts';

/** In the lab's directory, so next to the drills that use it. */
export const LOAD_SCRIPT = 'load.js';
/** Thirty requests a second to the web pods, for DURATION. */
export const LOAD = `
import http from 'k6/http';
export const options = {
  scenarios: { load: { executor: 'constant-arrival-rate', rate: 30, duration: __ENV.DURATION, preAllocatedVUs: 20 } },
};
export default () => http.get(__ENV.BASE_URL);
`;

/** A lab, and squall's command line under the role that ships. Smaller than the testbed, and used by one test file only. */
export interface CommandLineLab extends CommandLine {
  readonly lab: Lab;
  readonly directory: string;
  /** The path of an environment with the lab's web pods as `gateway`, and the link from its client to them as `studio-link`. */
  readonly environment: string;
  close(): Promise<void>;
}

export async function createCommandLineLab(): Promise<CommandLineLab> {
  const lab = await createLab();
  const directory = mkdtempSync(path.join(tmpdir(), 'squall-kubernetes-'));
  const environment = path.join(directory, 'lab.yaml');
  const at = { provider: 'chaos-mesh', namespace: lab.namespace };
  const components = {
    gateway: { ...at, labels: { app: 'web' } },
    'studio-link': { ...at, labels: { app: 'client' }, to: { labels: { app: 'web' } } },
  };
  const vars = { BASE_URL: `http://${await lab.address('web')}:8080/` };
  const allow = { kinds: ['partition', 'latency', 'stress'], maxTargets: 1, maxDuration: '2min' };
  writeFileSync(environment, stringify({ name: 'lab', vars, allow, components }));
  writeFileSync(path.join(directory, LOAD_SCRIPT), LOAD);
  return {
    ...(await makeCommandLine(lab.kubeconfig, directory)),
    lab,
    directory,
    environment,
    async close() {
      rmSync(directory, { recursive: true, force: true });
      await lab.close();
    },
  };
}
