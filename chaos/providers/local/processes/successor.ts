import { isAlive, isSame, isStopped, type ProcessIdentity } from '../../../process-identity.ts';
import { findProcess } from './find-process.ts';
import type { ProcessTarget } from './find-processes.ts';
import { finderText, lookEveryMs } from './finder.ts';

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

export interface Following {
  /** Undefined: it is not back yet. */
  look(since: number): Promise<Successor | undefined>;
  /** Why it is not back, in words. */
  missing(): string;
}

/**
 * Looks whether a process that was killed is back: it is found as a new one, and the new tree serves what the old one did. A new process
 * that cannot have the old one's port, or dies of it again and again, is not back.
 */
export function followUp(target: ProcessTarget, ports: ServedPorts, signal: AbortSignal): Following {
  const everyMs = lookEveryMs(target);
  let found: Successor | undefined;
  let missing = `${target.label} was not looked for yet`;
  let [askedAt, lookedAt] = [0, 0];
  return {
    missing: () => missing,
    async look(since) {
      // A successor that dies again at once (a crash loop) is not back.
      if (found !== undefined && !isAlive(found.identity)) found = undefined;
      if (found !== undefined) return found;
      if (Date.now() - askedAt < everyMs) return undefined;
      const askedBefore = everyMs === 0 ? 0 : askedAt;
      askedAt = Date.now();
      const now = await newProcess();
      if (now === undefined) return undefined;
      const lookedBefore = lookedAt || askedBefore;
      if (ports.sockets.length > 0) {
        if (Date.now() - lookedAt < PORTS_EVERY_MS) return undefined;
        lookedAt = Date.now();
        const absent = missingPorts(ports, treeOf(now).members);
        missing = `${target.label} (its next one, pid ${now.pid}, does not serve ${absent.join(', ')})`;
        if (absent.length > 0) return undefined;
      }
      const serving = ports.names.length === 0 ? '' : `, serving ${ports.names.join(', ')}`;
      const at = Date.now();
      const withinMs = at - Math.min(since, lookedBefore || since);
      found = { at, withinMs, text: `${target.label} is back as pid ${now.pid}${serving}`, identity: now };
      return found;
    },
  };

  async function newProcess(): Promise<ProcessIdentity | undefined> {
    const now = await findProcess(target, signal).catch((error: Error) => ({ missing: error.message }));
    if ('missing' in now) {
      missing = `${target.label} (${now.missing})`;
      return undefined;
    }
    missing = `${target.label} (${finderText(target)} names no new process)`;
    return isSame(now.process, target) || isStopped(now.process) ? undefined : now.process;
  }
}
