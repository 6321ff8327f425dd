import type { MachineResult } from '../../verdict.types.ts';
import { count, duration, share } from './format.ts';

/** The machine that generated the load, as rows of a name and a sentence. Plain text. */
export function machineRows(machine: MachineResult): (readonly [name: string, text: string])[] {
  const { cpus, hostsTarget, lateMaxMs, busyShare, stealShare, pressureShare, k6Cpus, vusMax } = machine;
  const vus = vusMax === null ? '' : `; at most ${count(vusMax)} VUs in use`;
  return [
    ['Processors', `${cpus}${hostsTarget ? ', shared by the load and the target' : ''}`],
    ['Stood still', stoodStill(machine)],
    ...(machine.unable.length === 0 ? [] : ([['Not able to measure', unable(machine)]] as const)),
    ['Timers', `at worst ${duration(lateMaxMs)} late`],
    [
      'Processor time',
      [
        busyShare === null ? 'not known on this system' : `${share(busyShare)} busy`,
        ...(stealShare === null ? [] : [`${share(stealShare)} taken by the hypervisor`]),
        pressureShare === null
          ? 'pressure not known on this system'
          : `some task waited for a processor for ${share(pressureShare)} of the time`,
      ].join(', '),
    ],
    [
      'k6',
      k6Cpus === null
        ? `its share is not known${vus}`
        : `${Number(k6Cpus.toFixed(2))} processors on average${vus}`,
    ],
  ];
}

/** `3 times, 1.9 s in all; the longest 1.5 s (k6 was stopped)`. */
function stoodStill({ standstillCount, stoodStillMs, standstills, watchedSeconds }: MachineResult): string {
  const [longest] = [...standstills].sort((a, b) => b.lostMs - a.lostMs);
  if (longest === undefined) return `never, of ${duration(watchedSeconds * 1000)} that it was watched`;
  const times = standstillCount === 1 ? 'once' : `${count(standstillCount)} times`;
  return `${times}, ${duration(stoodStillMs)} in all; the longest for ${duration(longest.lostMs)} at ${longest.from.slice(11, 19)} UTC (${CAUSES[longest.cause]})`;
}

/** The grey bands of the timeline, in words. */
function unable({ unable: stretches }: MachineResult): string {
  const shown = stretches
    .slice(0, SHOWN)
    .map(({ from, to }) => `${from.slice(11, 19)} to ${to.slice(11, 19)} UTC`);
  const more = stretches.length - shown.length;
  return `${shown.join(', ')}${more > 0 ? ` and ${count(more)} more ${more === 1 ? 'time' : 'times'}` : ''}`;
}

const SHOWN = 5;

const CAUSES = {
  late: 'nothing on it ran in time',
  stopped: 'k6 was stopped',
  starved: 'k6 had no processor',
  'link starved': 'squall had no processor for the link that it carries',
};
