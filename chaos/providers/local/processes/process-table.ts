import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { setImmediate as otherWork } from 'node:timers/promises';
import { identify, type ProcessStat, parseStat } from '../../../process-identity.ts';
import { kernelText } from './kernel-text.ts';

/** All live processes of this machine at one moment, by pid. Zombies are left out. */
export type ProcessTable = ReadonlyMap<number, ProcessStat>;

/** One look. Takes some milliseconds, in which nothing else happens here: for faults, where it has to be sharp. */
export function readTable(): ProcessTable {
  if (process.platform !== 'linux') return tableOf(readPs());
  return tableOf(pidsIn(readdirSync('/proc')).map(statOf));
}

/** The same a little at a time: for what watches while squall carries the connections of others. */
export async function readTableAside(): Promise<ProcessTable> {
  if (process.platform !== 'linux') return readTable();
  const pids = pidsIn(readdirSync('/proc'));
  const rows: (ProcessStat | null)[] = [];
  for (let from = 0; from < pids.length; from += AT_ONCE) {
    if (from > 0) await otherWork();
    rows.push(...pids.slice(from, from + AT_ONCE).map(statOf));
  }
  return tableOf(rows);
}

/** Less than a millisecond for all of them. */
const AT_ONCE = 32;

/** Null: it has ended since the list was made. */
function statOf(pid: number): ProcessStat | null {
  return parseStat(pid, kernelText(`/proc/${pid}/stat`));
}

function pidsIn(names: readonly string[]): number[] {
  return names.flatMap((name) => (/^\d+$/.test(name) ? [Number(name)] : []));
}

function tableOf(rows: readonly (ProcessStat | null)[]): ProcessTable {
  return new Map(rows.flatMap((row) => (row !== null && lives(row) ? [[row.pid, row] as const] : [])));
}

/** A zombie whose other threads go on is rare enough for a second look. */
function lives({ pid, state }: ProcessStat): boolean {
  return state !== 'X' && (state !== 'Z' || identify(pid) !== null);
}

/** Sessions are not known here: 0 belongs to nobody. */
function readPs(): (ProcessStat | null)[] {
  const text = execFileSync('ps', ['-axo', 'pid=,ppid=,pgid=,state=,lstart='], { encoding: 'utf8' });
  return text.split('\n').map((line) => {
    const [pid = '', parent, group, state = '', ...start] = line.trim().split(/\s+/);
    if (!/^\d+$/.test(pid)) return null;
    const numbers = { pid: Number(pid), parent: Number(parent), group: Number(group), session: 0 };
    return { ...numbers, state: state.charAt(0), start: start.join(' '), cpuTicks: 0 };
  });
}
