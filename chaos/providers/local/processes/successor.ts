import { isAlive, isSame, isStopped, type ProcessIdentity } from '../../../process-identity.ts';
import type { ProcessTarget } from './find-processes.ts';
import { readPidFile } from './pid-file.ts';
import { treeOf } from './process-tree.ts';
import { missingPorts, type ServedPorts } from './served-ports.ts';

export interface Successor {
  readonly at: number;
  readonly withinMs: number;
  readonly text: string;
  readonly identity: ProcessIdentity;
}

/** Between two looks at what a new tree listens on: each reads all processes. */
const PORTS_EVERY_MS = 20;

/**
 * Looks whether a process that was killed is back: its pid file names a new one, and the new tree serves what the old one did. A new
 * process that cannot have the old one's port, or dies of it again and again, is not back.
 */
export function followUp(
  target: ProcessTarget,
  ports: ServedPorts,
): (since: number) => Successor | undefined {
  let found: Successor | undefined;
  let lookedAt = 0;
  return (since) => {
    // A successor that dies again at once (a crash loop) is not back.
    if (found !== undefined && !isAlive(found.identity)) found = undefined;
    if (found !== undefined) return found;
    const now = newProcess(target);
    if (now === undefined) return undefined;
    const lookedBefore = lookedAt;
    if (ports.sockets.length > 0) {
      if (Date.now() - lookedAt < PORTS_EVERY_MS) return undefined;
      lookedAt = Date.now();
      if (missingPorts(ports, treeOf(now).members).length > 0) return undefined;
    }
    const serving = ports.names.length === 0 ? '' : `, serving ${ports.names.join(', ')}`;
    const at = Date.now();
    const withinMs = at - Math.min(since, lookedBefore || since);
    found = { at, withinMs, text: `${target.label} is back as pid ${now.pid}${serving}`, identity: now };
    return found;
  };
}

/** Why it is not back, in words. */
export function whatIsMissing(target: ProcessTarget, ports: ServedPorts): string[] {
  const now = newProcess(target);
  if (now === undefined) return [`${target.label} (${target.pidFile} names no new process)`];
  const missing = missingPorts(ports, treeOf(now).members);
  return missing.length === 0
    ? []
    : [`${target.label} (its next one, pid ${now.pid}, does not serve ${missing.join(', ')})`];
}

function newProcess(target: ProcessTarget): ProcessIdentity | undefined {
  const now = readPidFile(target.pidFile);
  return now === undefined || isSame(now, target) || isStopped(now) ? undefined : now;
}
