import { ProviderError } from '../../../../prepared-fault.ts';
import type { ProcessStat } from '../../../../process-identity.ts';
import { commandOf } from '../describe-tree.ts';
import type { ProcessTable } from '../process-table.ts';

const MOST_NAMED = 6;

/**
 * Of processes that fit, the one that the others descend from: a master and its workers often have the same command line, and share
 * their socket. @throws ProviderError when they are not one family
 */
export function onlyRoot(
  fitting: readonly ProcessStat[],
  table: ProcessTable,
  what: string,
): ProcessStat | undefined {
  const pids = new Set(fitting.map(({ pid }) => pid));
  const roots = fitting.filter(({ parent }) => !ancestorsFrom(parent, table).some((pid) => pids.has(pid)));
  if (roots.length <= 1) return roots[0];
  const named = roots.slice(0, MOST_NAMED).map(({ pid }) => `pid ${pid} (${commandOf(pid, 80)})`);
  if (roots.length > MOST_NAMED) named.push(`${roots.length - MOST_NAMED} more`);
  throw new ProviderError(`${roots.length} processes ${what}: ${named.join(', ')}`, {
    fix: 'say it more precisely, or name the process by its `pidFile`',
  });
}

function ancestorsFrom(parent: number, table: ProcessTable): number[] {
  const found: number[] = [];
  for (let at = parent; at > 1 && !found.includes(at); at = table.get(at)?.parent ?? 0) found.push(at);
  return found;
}
