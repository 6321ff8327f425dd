import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { writeAtomically } from '../lib/files.ts';
import { type NodeService, nodeProgram } from '../lib/inventory.ts';
import type { Program } from '../lib/process.ts';
import { readRawSettings } from '../lib/settings.ts';
import { paths, type Testbed } from '../lib/testbed.ts';
import { edgeConfig } from './haproxy/config.ts';
import type { EdgeName } from './routes.ts';

/** How one of our own services is started: a load balancer by HAProxy where the testbed has it, everything else by Node. */
export function serviceProgram(testbed: Testbed, service: NodeService): Program {
  const { haproxy } = testbed;
  if (service.folder !== 'edge' || haproxy === undefined) return nodeProgram(testbed, service);
  const file = paths(testbed.dir).edgeConfig(service.name);
  mkdirSync(path.dirname(file), { recursive: true });
  writeAtomically(
    file,
    edgeConfig(testbed, service.name as EdgeName, {
      ...haproxy,
      blind: isBlind(testbed),
      canaryPercent: canaryPercent(testbed),
    }),
  );
  return {
    name: service.name,
    command: haproxy.path,
    // In the foreground, as one process.
    args: ['-db', '-f', file],
    cwd: testbed.dir,
    dropUser: false,
    stopSignal: 'SIGTERM',
  };
}

/** Of the last gateway; 0: it has the same share as any. */
export function canaryPercent({ dir }: Testbed): number {
  return Number(readRawSettings(paths(dir).settings)['canary-percent'] ?? 0);
}

function isBlind({ dir }: Testbed): boolean {
  return readRawSettings(paths(dir).settings)['balancer-blind'] === 'true';
}
