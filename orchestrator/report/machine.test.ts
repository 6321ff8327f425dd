import { expect, it } from 'vitest';
import type { MachineResult } from '../verdict.types.ts';
import { runFacts } from './facts.ts';
import { firstSeconds, realisticRun } from './fixtures/realistic.ts';
import { timelineData } from './html/timeline-data.ts';
import { renderHtml } from './html.ts';
import { renderMarkdown } from './markdown.ts';
import { renderVerdict } from './terminal.ts';

const { judgement, run } = firstSeconds(realisticRun('FAIL'), 20);
const facts = runFacts(run);
const at = (seconds: number) => new Date(facts.zeroMs + seconds * 1000).toISOString();
const stoodStill: MachineResult = {
  cpus: 2,
  hostsTarget: true,
  watchedSeconds: 20,
  lateMaxMs: 953.4,
  standstills: [
    { from: at(3.2), to: at(4.7), lostMs: 1500, cause: 'stopped' },
    { from: at(9), to: at(9.2), lostMs: 200, cause: 'late' },
  ],
  standstillCount: 2,
  stoodStillMs: 1700,
  unable: [{ from: at(3), to: at(5) }],
  busyShare: 0.87,
  stealShare: 0,
  pressureShare: 0.4,
  k6Cpus: 0.312,
  vusMax: 40,
};
const withMachine = (machine: MachineResult) => ({
  ...judgement,
  verdict: { ...judgement.verdict, machine },
});

it('shows what the machine could not measure as a band of the timeline, in the legend, and in words', () => {
  const one = withMachine(stoodStill);
  expect(timelineData(one, facts).unable).toEqual([{ from: 3, to: 5 }]);
  const page = renderHtml(one, facts, null);
  expect(page.match(/<rect class="unable"/g)).toHaveLength(1);
  expect(page).toContain('grey band: the machine stood still');
  expect(page).toContain('grey bands where the machine that generated the load stood still');
  expect(page).toContain('<dt>Not able to measure</dt>');
  expect(page).toContain('href="#machine"');
});

it('says in every format whether the machine stood still and that the target shared it', () => {
  const one = withMachine(stoodStill);
  const terminal = renderVerdict(one.verdict, { color: false, width: 400 });
  for (const text of [renderHtml(one, facts, null), renderMarkdown(one, facts), terminal]) {
    expect(text).toContain('2, shared by the load and the target');
    expect(text).toMatch(
      /2 times, 1\.7 s in all; the longest for 1\.5 s at \d\d:\d\d:\d\d UTC \(k6 was stopped\)/,
    );
  }
  expect(renderMarkdown(one, facts)).toContain('0.31 processors on average');
});

it('counts what is not listed, in the singular where it is one', () => {
  const [one] = stoodStill.unable;
  const rows = (times: number) =>
    renderMarkdown(
      withMachine({ ...stoodStill, unable: Array.from({ length: times }, () => one as never) }),
      facts,
    );
  expect(rows(6)).toContain('and 1 more time');
  expect(rows(6)).not.toContain('and 1 more times');
  expect(rows(7)).toContain('and 2 more times');
});

it('says what the kernel does not say', () => {
  const unknown = { busyShare: null, stealShare: null, pressureShare: null, k6Cpus: null, vusMax: null };
  const quiet = {
    ...stoodStill,
    ...unknown,
    standstills: [],
    standstillCount: 0,
    stoodStillMs: 0,
    unable: [],
  };
  const text = renderMarkdown(withMachine({ ...quiet, hostsTarget: null }), facts);
  expect(text).toContain('- Stood still: never, of 20 s that it was watched');
  expect(text).toContain('not known on this system, pressure not known on this system');
  expect(text).toContain('- k6: its share is not known');
  expect(text).not.toContain('Not able to measure');
});

it('says nothing of a machine that nobody watched', () => {
  const page = renderHtml(judgement, facts, null);
  expect(page).not.toContain('id="machine"');
  expect(page).not.toContain('class="unable"');
  expect(renderMarkdown(judgement, facts)).not.toContain('## The machine');
});
