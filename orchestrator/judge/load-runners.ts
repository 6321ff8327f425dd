import type { JournalLine, LoadRunners } from '../journal/events.ts';
import { readableMs } from '../objectives/number-text.ts';
import type { Finding } from './finding.ts';

/** How loads of several k6 began, as far as there are any. */
function loadRunners(lines: readonly JournalLine[]): LoadRunners[] {
  return lines.flatMap(({ event }) => (event.type === 'load-runners' ? [event] : []));
}

/** By how much the times of samples may be wrong against squall's own: 0 for loads on its machine. */
export function clockPlusMinusMs(lines: readonly JournalLine[]): number {
  return Math.max(0, ...loadRunners(lines).flatMap(({ runners }) => runners.map((one) => one.plusMinusMs)));
}

/** From here on every runner of every load sends requests; -Infinity where no load has several. */
export function allRunnersAt(lines: readonly JournalLine[]): number {
  return Math.max(Number.NEGATIVE_INFINITY, ...loadRunners(lines).map(({ allAt }) => allAt));
}

/** Is load made elsewhere? Then this machine's own troubles are no excuse for what was measured, and no doubt. */
export function isLoadElsewhere(lines: readonly JournalLine[]): boolean {
  const started = lines.flatMap(({ event }) => (event.type === 'load-started' ? [event] : []));
  const runners = loadRunners(lines).flatMap((event) => event.runners);
  const isHere = runners.length > 0 && runners.every(({ here }) => here === true);
  return started.some(({ pid }) => pid === null) && !isHere;
}

/** What should be known of the runners of one load. */
export function runnerNotes(lines: readonly JournalLine[], load: number, name: string): Finding[] {
  const event = loadRunners(lines).find((one) => one.load === load);
  if (event === undefined) return [];
  const { runners } = event;
  const began = runners.flatMap(({ beganAt }) => beganAt ?? []);
  const skewMs = Math.max(...began) - Math.min(...began);
  const offMs = Math.max(...runners.map(({ clockOffsetMs }) => Math.abs(clockOffsetMs)));
  const sharpMs = Math.max(...runners.map(({ plusMinusMs }) => plusMinusMs));
  const unwatched = runners.filter(({ here }) => here !== true).length;
  const notes = [
    `${name}: ${runners.length === 1 ? 'one runner' : `${runners.length} runners, judged as one`}; the last began ${readableMs(skewMs)} after the first, and the steady phase begins with it; their clocks were off by up to ${readableMs(offMs)} (known to ± ${readableMs(sharpMs)}), which is corrected.${unwatched === 0 ? '' : ` Nothing watched the machines of ${unwatched} of them.`}`,
  ];
  const setups = runners.filter(({ setupRequests }) => setupRequests > 0);
  if (setups.length > 1)
    notes.push(
      `${name}: setup() ran in each of its ${runners.length} runners, and sent ${setups.map(({ setupRequests }) => setupRequests).join(', ')} requests: what it makes is there ${runners.length} times.`,
    );
  return notes.map((text) => ({ result: 'NOTE', text }));
}
