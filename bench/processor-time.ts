import { readdirSync, readFileSync } from 'node:fs';

/** Clock ticks in /proc, sysconf(_SC_CLK_TCK): 100 on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100;

/** Processor time of a process and its children, those that have ended included, in seconds; NaN when it is gone. Linux. */
export function processorSeconds(pid: number): number {
  const own = timesOf(pid);
  if (own === undefined) return Number.NaN;
  return own.seconds + childrenOf(pid).reduce((sum, child) => sum + (timesOf(child)?.seconds ?? 0), 0);
}

/** proc(5): fields 14 to 17 of stat are utime, stime, cutime, cstime; field 4 is the parent. */
function timesOf(pid: number): { parent: number; seconds: number } | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
    return { parent: Number(fields[1]), seconds: ticks / TICKS_PER_SECOND };
  } catch {
    return undefined;
  }
}

/** One level is enough: Postgres forks everything itself. */
function childrenOf(pid: number): number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((other) => Number.isInteger(other) && timesOf(other)?.parent === pid);
}
