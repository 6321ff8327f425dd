import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { stringify } from 'yaml';
import { createLab, type Lab } from '../../chaos/providers/chaos-mesh/fixtures/lab.ts';
import { type CommandLine, makeCommandLine } from './command-line.ts';

/** A lab, and squall's command line under the role that ships in it. Smaller than the testbed, and nobody else's. */
export interface CommandLineLab extends CommandLine {
  readonly lab: Lab;
  readonly directory: string;
  /** The path of one that knows the lab's web pods as `gateway`, and the link from its client to them as `studio-link`. */
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
  writeFileSync(
    environment,
    stringify({ name: 'lab', vars: { BASE_URL: `http://${await lab.address('web')}:8080/` }, components }),
  );
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
