import path from 'node:path';
import {
  type Evidence,
  NoEvidenceError,
  type PreparedFault,
  ProviderError,
  type Resolution,
  type Target,
} from '../../../prepared-fault.ts';
import { isSame, type ProcessIdentity } from '../../../process-identity.ts';
import { refuseForeign, refuseStale, targetOf } from '../processes/find-processes.ts';
import { readPidFile } from '../processes/pid-file.ts';

/** One server of a data store that can fail over, as it was a moment ago. */
export interface StoreNode {
  readonly name: string;
  readonly pidFile: string;
  readonly role: 'primary' | 'standby' | undefined;
  /** The pid that the server itself reports; undefined when it does not answer. */
  readonly reportedPid: number | undefined;
  /** Why it has no role. */
  readonly problem: string | undefined;
}

/** The primary as the one target; at least one standby must be there to take over. Reads only. @throws ProviderError */
export function selectPrimary(componentName: string, nodes: readonly StoreNode[]): Resolution {
  const primaries = nodes.filter(({ role }) => role === 'primary');
  const [primary] = primaries;
  const story = nodes.map(({ name, role, problem }) => `${name}: ${role ?? problem ?? 'unknown'}`).join('; ');
  if (primary === undefined) {
    throw new ProviderError(`component ${componentName} has no primary (${story})`, {
      fix: 'start it, or correct its nodes in the environment',
    });
  }
  if (primaries.length > 1) {
    throw new ProviderError(`component ${componentName} has ${primaries.length} primaries (${story})`, {
      fix: 'repair it first: a failover now could lose data',
    });
  }
  if (!nodes.some(({ role }) => role === 'standby')) {
    throw new ProviderError(`component ${componentName} has no standby that could take over (${story})`, {
      fix: 'start a standby first',
    });
  }
  const candidates = nodes.flatMap((node) => candidateOf(componentName, node));
  const target = candidates.find(({ identity }) => identity.pidFile === primary.pidFile);
  if (target === undefined) throw missingProcess(componentName, primary);
  return { candidates, targets: [target], healthy: candidates.filter(({ healthy }) => healthy).length };
}

/** A node that answers, with a pid file that does not say so, is not to be trusted: it might be about another process. */
function candidateOf(componentName: string, node: StoreNode): Target[] {
  const found = readPidFile(node.pidFile);
  if (found === undefined) {
    if (node.role === undefined) return [];
    throw missingProcess(componentName, node);
  }
  // A node that answers and whose process is not here is in another pid namespace: that pid is somebody else's here.
  if (node.role !== undefined && node.reportedPid !== found.pid) {
    const reported =
      node.reportedPid === undefined ? 'a process that is not on this machine' : `pid ${node.reportedPid}`;
    throw new ProviderError(
      `component ${componentName}: ${node.pidFile} names pid ${found.pid}, but ${node.name} is ${reported}`,
      { fix: 'correct the pid file; a server in a container cannot be hit by the local provider' },
    );
  }
  const replica = { name: node.name, finder: { pidFile: node.pidFile }, process: found };
  refuseStale(componentName, replica);
  refuseForeign(componentName, replica);
  const target = targetOf(replica);
  return [{ ...target, healthy: target.healthy && node.role !== undefined }];
}

function missingProcess(componentName: string, { name, pidFile }: StoreNode): ProviderError {
  return new ProviderError(
    `component ${componentName}: ${name} answers, but ${pidFile} names no live process`,
    {
      fix: `correct ${path.basename(pidFile)} in the environment`,
    },
  );
}

/**
 * A failover leaves nothing to undo, and nothing could be: the old primary's data may have parted from the new one's, and only the
 * store's own supervision knows how to take it back as a standby.
 */
export function failover(parts: {
  readonly strike: (signal: AbortSignal) => Promise<void>;
  readonly observe: (signal: AbortSignal) => Promise<Evidence>;
  readonly observeEnd: (signal: AbortSignal) => Promise<Evidence>;
}): PreparedFault {
  let struck = false;
  return {
    undo: [],
    async act(signal) {
      signal.throwIfAborted();
      if (struck) return;
      struck = true;
      await parts.strike(signal);
    },
    observe: parts.observe,
    async revert() {},
    observeEnd: parts.observeEnd,
  };
}

/** Its supervisor was faster than the failover: what the drill is about did not happen, so it proves nothing. */
export function nothingTookOver(hit: string, { pid }: ProcessIdentity): NoEvidenceError {
  return new NoEvidenceError(
    `nothing took over: ${hit} came back as pid ${pid} before a standby was promoted; keep its supervisor from restarting it, or hit it as a process with kind: kill`,
  );
}

/** Since when a node that was hit serves again, told at each look: another process begins anew. */
export function watchReturn(): (process: ProcessIdentity, at: number) => number {
  let back: { readonly process: ProcessIdentity; readonly at: number } | undefined;
  return (process, at) => {
    if (back === undefined || !isSame(back.process, process)) back = { process, at };
    return back.at;
  };
}
