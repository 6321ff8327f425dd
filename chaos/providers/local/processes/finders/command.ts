import type { ProcessStat } from '../../../../process-identity.ts';
import { fullCommandOf } from '../describe-tree.ts';
import type { Found } from '../finder.ts';
import { type ProcessTable, readTable } from '../process-table.ts';
import { onlyRoot } from './several.ts';

/**
 * The process whose whole command line (its words, with blanks between them) fits a regular expression, as `pgrep -f` has it. squall
 * itself, what started it and the k6 that it runs never do. @throws ProviderError when several fit that are not one family
 */
export function findByCommand(pattern: string): Found {
  const table = readTable();
  const fits = new RegExp(pattern);
  const own = ancestry(process.pid, table);
  const fitting = [...table.values()].filter((row) => {
    if (own.has(row.pid)) return false;
    const command = fullCommandOf(row.pid);
    return command !== '' && fits.test(command) && !isTool(row, command, table);
  });
  const root = onlyRoot(fitting, table, `have a command line like /${pattern}/`);
  return root === undefined
    ? { missing: `no process has a command line like /${pattern}/` }
    : { process: { pid: root.pid, start: root.start } };
}

/** The load's command line names its script, which may be called as the component is. */
function isTool(row: ProcessStat, command: string, table: ProcessTable): boolean {
  const isOne = /^(\S*\/)?k6[^/ ]* /.test(command) || /^\S+ \S*scripts\/guardian\b/.test(command);
  return isOne && ancestry(row.pid, table).has(process.pid);
}

function ancestry(from: number, table: ProcessTable): Set<number> {
  const found = new Set<number>();
  for (let at = from; at > 1 && !found.has(at); at = table.get(at)?.parent ?? 0) found.add(at);
  return found;
}
