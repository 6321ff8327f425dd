import stringWidth from 'string-width';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { JournalEvent } from '../journal/events.ts';
import { HOSTILE, withTexts } from '../report/fixtures/hostile.ts';
import { realisticRun } from '../report/fixtures/realistic.ts';
import { renderBlock } from './block.ts';
import { createProgress, type ProgressOptions } from './progress.ts';
import { afterEvent, initialState, phase } from './state.ts';

const { run } = realisticRun('PASS');
const zero = run.lines.find((line) => line.event.type === 'first-sample')?.at ?? 0;
const [started] = run.lines;
const faults = started?.event.type === 'run-started' ? started.event.drill.faults : [];
const tick = {
  at: 0,
  newestSampleAt: 0,
  requestsPerSecond: 998.6,
  errorShare: 0.22,
  p95Ms: 108,
  dropped: 3,
  objectives: [],
  breached: [],
  silentMs: null,
  breachedBySilence: [],
};

const alertEvent: JournalEvent = {
  type: 'alert',
  alert: {
    receivedAt: 0,
    status: 'firing',
    labels: { alertname: 'Down', component: 'gateway' },
    annotations: {},
    startsAt: null,
  },
};

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

it('prints a line for each event and one every 5 s where nobody watches', () => {
  const { progress, written, until } = start({ isTTY: false, ci: false });
  until(65);
  progress.end();
  const lines = written().split('\n');
  expect(lines).toContain('[0:15.0] ✔ steady state held for 15 s');
  expect(lines.map((line) => line.replace(/^\[1:00\.\d\] /, ''))).toContain(
    '▼ primary-lost is in: projects-db: the primary at 127.0.0.1:15432 (pid 4702) is gone',
  );
  expect(lines.filter((line) => line.includes(' · p95 '))).toHaveLength(13);
  expect(lines.at(-2)).toContain('fault:primary-lost · 999/s · p95 108 ms · errors 22 % · dropped 3');
  expect(written()).not.toContain('\u001b');
});

it('prints plain lines in CI even when the output claims to be a terminal', () => {
  const { until, written } = start({ isTTY: true, ci: true });
  until(20);
  expect(written()).not.toContain('\u001b');
  expect(written()).toContain('first sample');
});

it('repaints at most four times a second, however many events and ticks come', () => {
  const { progress, writes } = start({ isTTY: true, ci: false });
  for (let index = 0; index < 200; index++) {
    progress.event({ type: 'note', text: `note ${index}` });
    progress.tick({ ...tick, at: index });
    vi.advanceTimersByTime(10);
  }
  expect(writes.length).toBeLessThanOrEqual(8);
  progress.end();
  expect(writes.join('')).toContain('note 199');
});

it('prints a few lines a second of a storm of alerts, and how many more there were', () => {
  const { progress, written } = start({ isTTY: false, ci: false });
  const storm = (count: number) => {
    for (let i = 0; i < count; i++) progress.event(alertEvent);
  };
  storm(150);
  vi.advanceTimersByTime(1_500);
  storm(10);
  progress.event({ type: 'note', text: 'something else' });
  vi.advanceTimersByTime(3_000);
  storm(1);
  vi.advanceTimersByTime(3_000);
  storm(4);
  progress.end();
  const lines = written()
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.replace(/^\[.*?\] /, ''));
  const shown = '! alert firing: Down · gateway';
  expect(lines).toEqual([
    ...[shown, shown, shown, '! and 147 more alerts'],
    ...[shown, shown, shown, 'something else', '! and 7 more alerts'],
    ...[shown],
    ...[shown, shown, shown, '! and 1 more alert'],
  ]);
});

it('stops its timer at the end and writes nothing afterwards', () => {
  const { progress, writes } = start({ isTTY: true, ci: false });
  progress.end();
  const before = writes.length;
  progress.event({ type: 'note', text: 'too late' });
  progress.end();
  vi.advanceTimersByTime(20_000);
  expect(writes).toHaveLength(before);
  expect(vi.getTimerCount()).toBe(0);
});

it('says when samples stop coming', () => {
  const { progress, until, written } = start({ isTTY: false, ci: false });
  until(20);
  vi.advanceTimersByTime(20_000);
  progress.end();
  expect(written()).toMatch(/no samples for \d+(\.\d)? s/);
});

it.each([
  [20, 8],
  [40, 24],
  [80, 6],
  [200, 50],
])('never paints a block wider than %i columns or higher than %i rows', (width, height) => {
  let state = initialState(faults);
  for (const line of run.lines) {
    state = afterEvent(state, line.event);
    const block = renderBlock(
      { ...state, tick },
      { width, height, color: true, now: line.at, durationMs: 180_000 },
    );
    expect(block.length).toBeLessThanOrEqual(height);
    expect(Math.max(...block.map((row) => stringWidth(row)))).toBeLessThanOrEqual(width);
  }
});

it('shows the faults that are in first when there is no room for all', () => {
  let state = initialState(faults);
  for (const line of run.lines.filter((one) => one.at < zero + 132_000))
    state = afterEvent(state, line.event);
  const block = renderBlock(state, {
    width: 100,
    height: 7,
    color: false,
    now: zero + 132_000,
    durationMs: null,
  }).join('\n');
  expect(block).toContain('studio-cut-off');
  expect(block).toMatch(/… \d more/);
});

it('wraps what is wider than the terminal between words, behind the time', () => {
  const { progress, written } = start({ isTTY: true, ci: false });
  progress.event({ type: 'note', text: 'evidence '.repeat(15).trim() });
  progress.end();
  expect(written()).toContain(`[--:--] ${'evidence '.repeat(10).trim()}\n        evidence`);
});

it('follows the phases as they happen', () => {
  const phases = new Set<string>();
  let state = initialState(faults);
  for (const line of run.lines) {
    state = afterEvent(state, line.event);
    phases.add(phase(state));
  }
  expect([...phases]).toEqual([
    'starting',
    'waiting for the first sample',
    'steady',
    'fault:gateway-killed',
    'recovery:gateway-killed',
    'fault:primary-lost',
    'recovery:primary-lost',
    'fault:sessions-failover',
    'recovery:sessions-failover',
    'fault:studio-cut-off',
    'recovery:studio-cut-off',
    'checking',
  ]);
});

it.each(HOSTILE.map((payload) => ({ payload, title: JSON.stringify(payload) })))(
  'prints hostile events as single inert lines: $title',
  ({ payload }) => {
    const hostile = withTexts(realisticRun('INVALID'), (original) => payload + original);
    const { progress, written } = start({ isTTY: false, ci: true });
    const more: JournalEvent[] = [
      { type: 'residue', what: payload, command: payload },
      {
        type: 'writes-checked',
        acknowledged: 1,
        present: 0,
        lostIds: [payload],
        duplicatedIds: [],
        failure: payload,
      },
      { type: 'undo-done', id: payload, by: 'guardian', outcome: { state: 'failed', detail: payload } },
    ];
    for (const event of [...hostile.run.lines.map((line) => line.event), ...more]) progress.event(event);
    progress.end();
    for (const line of written().trimEnd().split('\n')) {
      expect(line).toMatch(/^\[[-\d:.]+\] /);
      expect(line).not.toMatch(/[\p{Cc}\p{Cs}\u200e\u200f\u2028-\u202e\u2066-\u2069]/u);
      expect(line).not.toMatch(/##\w*\[/);
    }
  },
);

function start(options: Pick<ProgressOptions, 'isTTY' | 'ci'>) {
  const writes: string[] = [];
  const stdout = { write: (text: string) => writes.push(text), columns: 100, rows: 30 };
  const from = started?.at ?? 0;
  let at = from;
  vi.setSystemTime(from);
  const progress = createProgress({ ...options, stdout, faults, durationMs: 180_000 });
  const pending = [...run.lines];
  return {
    progress,
    writes,
    written: () => writes.join(''),
    /** Lets the run go on until so many seconds after the first sample. */
    until(seconds: number) {
      for (; at < zero + seconds * 1000; at += 100) {
        vi.setSystemTime(at);
        while (pending[0] !== undefined && pending[0].at <= at)
          progress.event(pending.shift()?.event as JournalEvent);
        if (at >= zero) progress.tick({ ...tick, at, newestSampleAt: at });
        vi.advanceTimersByTime(100);
      }
    },
  };
}
