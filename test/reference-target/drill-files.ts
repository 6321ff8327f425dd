import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { stringify } from 'yaml';
import type { DrillFiles } from '../drill/run-drill.ts';
import { freePorts } from '../free-port.ts';
import { type ReferenceTarget, startReferenceTarget, type TargetRecord } from './reference-target.ts';

/** A reference target, and a link to it that squall carries. The target is restarted half a second after its death. */
export interface DrillLab {
  readonly target: ReferenceTarget;
  readonly directory: string;
  readonly alertUrl: string;
  /** For the script, the drill and the environment. */
  write(drill: LabDrill): DrillFiles;
  /** When a process that wanted to run could not, for longer than 4 ms at a time, since the last call. */
  pauses(): Promise<TargetRecord['pauses']>;
  /** Ends its processes; the files stay until `remove`. */
  close(): Promise<void>;
  remove(): void;
}

export interface LabDrill {
  readonly rate: number;
  readonly seconds: number;
  /** Where the load goes. */
  readonly over: 'server' | 'link';
  readonly faults: readonly { readonly name: string }[];
}

export async function startDrillLab(): Promise<DrillLab> {
  const directory = mkdtempSync(path.join(os.tmpdir(), 'squall-truth-'));
  const [linkPort = 0, alertPort = 0] = await freePorts(2);
  const target = await startReferenceTarget({ directory, restartAfterMs: 500, fair: true });
  const witness = fork(path.join(import.meta.dirname, 'witness.mjs'), { execArgv: [] });
  const at = (name: string) => path.join(directory, name);
  return {
    target,
    directory,
    alertUrl: `http://127.0.0.1:${alertPort}/`,
    write({ rate, seconds, over, faults }) {
      const url = over === 'link' ? `http://127.0.0.1:${linkPort}` : target.url;
      writeFileSync(at('script.js'), loadScript(url, rate, seconds * 1000));
      writeFileSync(
        at('drill.yaml'),
        stringify({
          name: 'truth',
          load: [{ script: 'script.js' }],
          steady: { for: '1s' },
          faults,
          objectives: [{ name: 'answers', throughput: true, atLeast: '1/s', phase: 'steady', minSamples: 5 }],
        }),
      );
      writeFileSync(
        at('lab.yaml'),
        stringify({
          name: 'local',
          vars: {},
          alerts: { listen: `127.0.0.1:${alertPort}` },
          allow: { kinds: ['kill', 'freeze', 'partition'], maxTargets: 4 },
          components: {
            server: { provider: 'local', process: { pidFile: 'server.pid' } },
            link: {
              provider: 'local',
              link: { listen: `127.0.0.1:${linkPort}`, upstream: `127.0.0.1:${target.port}` },
            },
          },
        }),
      );
      return { drill: at('drill.yaml'), environment: at('lab.yaml'), out: at('run'), env: {} };
    },
    async pauses() {
      witness.send('pauses');
      const [pauses] = await once(witness, 'message');
      return pauses as TargetRecord['pauses'];
    },
    async close() {
      witness.kill('SIGKILL');
      await target.stop();
    },
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
}

/** Open loop, with enough virtual users for everything that can hang at once. */
export function loadScript(url: string, rate: number, durationMs: number): string {
  const vus = Math.max(20, Math.ceil(rate * 0.9));
  return `
    import http from 'k6/http';
    export const options = { discardResponseBodies: true, scenarios: { load: {
      executor: 'constant-arrival-rate', rate: ${rate}, timeUnit: '1s', duration: '${durationMs}ms',
      preAllocatedVUs: ${vus}, gracefulStop: '2s' } } };
    export default function () { http.get('${url}/', { timeout: '300ms' }); }
  `;
}
