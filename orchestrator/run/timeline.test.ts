import { expect, onTestFinished, test, vi } from 'vitest';
import type {
  Patience,
  PreparedFault,
  Provider,
  ProviderSession,
  Resolution,
  Target,
  UndoRecord,
} from '../../chaos/provider.ts';
import { now, sleep } from '../clock.ts';
import type { JournalEvent } from '../journal/events.ts';
import { runTimeline, type TimelineContext, type TimelineFault } from './timeline.ts';
import { watchUses } from './use-of-faults.ts';

interface Script {
  readonly at: number;
  /** Milliseconds; left out: it happens once. */
  readonly for?: number;
  /** How long the effect takes to show; null: it never does. */
  readonly showsAfterMs?: number | null;
  readonly endIsSeen?: boolean;
  /** Its effect is over, but it could not be removed. */
  readonly isLeft?: boolean;
  /** How long it takes until it is seen to be out. */
  readonly endsAfterMs?: number;
  readonly recoverWithin?: number;
  readonly patience?: Patience;
  /** Takes down for each revert whether the run was being stopped. */
  readonly reverted?: (boolean | undefined)[];
  /** Called when it goes in, with the signal that it is given. */
  readonly onAct?: (signal: AbortSignal) => void | Promise<void>;
  /** Called when the effect has shown. */
  readonly onShown?: () => void;
  /** What is found when the targets are looked up for the first time, the second time, …; else the target alone. */
  readonly found?: readonly Partial<Resolution>[];
}

/** Faults that only take their time, each with a target of its own. */
function faultOf(name: string, script: Script): TimelineFault {
  const target: Target = { label: name, identity: { name }, healthy: true };
  const record: UndoRecord = {
    id: name,
    provider: 'test',
    fault: name,
    action: 'a',
    data: {},
    describe: '',
    command: '',
  };
  const prepared: PreparedFault = {
    undo: [record],
    ...(script.patience && { patience: script.patience }),
    act: async (signal) => script.onAct?.(signal),
    async observe(signal) {
      if (script.showsAfterMs === null) throw new Error('nothing to see');
      await sleep(script.showsAfterMs ?? 0, signal);
      if (signal.aborted) throw new Error('not in in its time');
      const at = now();
      script.onShown?.();
      return { at, seen: ['in'] };
    },
    revert: async (_, stopped) => void script.reverted?.push(stopped),
    async observeEnd(signal) {
      if (script.endIsSeen === false) throw new Error('no end to see');
      await sleep(script.endsAfterMs ?? 0, signal);
      if (signal.aborted) throw new Error('not out in its time');
      return { at: now(), seen: ['out'] };
    },
    ...(script.isLeft && { isLeft: () => true }),
  };
  let lookUps = 0;
  const resolution = { candidates: [target], targets: [target], healthy: 1 };
  const { recoverWithin } = script;
  const fault = {
    name,
    at: script.at,
    ...(script.for !== undefined && { for: script.for }),
    ...(recoverWithin !== undefined && { expect: { recoverWithin } }),
  };
  return {
    request: { fault } as unknown as TimelineFault['request'],
    provider: {
      resolve: async () => ({ ...resolution, ...script.found?.[lookUps++] }),
    } as unknown as Provider,
    session: { prepare: async () => prepared } as unknown as ProviderSession,
    lasting: script.for !== undefined,
  };
}

async function live(
  faults: Record<string, Script>,
  maxTargets = 9,
  more: Partial<Pick<TimelineContext, 'stop' | 'loadOver' | 'steadyGate' | 'allow' | 'writeAside'>> = {},
) {
  const events: JournalEvent[] = [];
  const disarmed: string[] = [];
  const undone: string[] = [];
  const never = new AbortController().signal;
  const planned = Object.entries(faults).map(([name, script]) => faultOf(name, script));
  await runTimeline(
    watchUses(planned, (event) => void events.push(event)),
    {
      zeroAt: now(),
      quietUntil: now(),
      stop: never,
      loadOver: never,
      steadyGate: async () => true,
      write: (event) => void events.push(event),
      writeAside: async (event) => void events.push(event),
      arm: async () => {},
      disarm: async ({ id }) => void disarmed.push(id),
      undo: async (records) => void undone.push(...records.map(({ id }) => id)),
      allow: () => {},
      maxTargets,
      ...more,
    },
  );
  return {
    // What used the targets has tests of its own.
    story: events
      .filter(({ type }) => type !== 'fault-use')
      .map((event) => `${event.type} ${'fault' in event ? event.fault : ''}`),
    disarmed,
    undone,
  };
}

test('a fault waits when an earlier one came late and too many targets would be hit at once', async () => {
  const faults = { late: { at: 0, for: 200, showsAfterMs: 300 }, next: { at: 250, for: 50 } };
  const { story } = await live(faults, 1);
  expect(story.indexOf('fault-injecting next')).toBeGreaterThan(story.indexOf('fault-ended late'));
  expect(story).toContain('fault-ended next');
  const roomy = (await live(faults, 2)).story;
  expect(roomy.indexOf('fault-injecting next')).toBeLessThan(roomy.indexOf('fault-ended late'));
});

test('what was seen to be out is disarmed, everything else is undone by the provider', async () => {
  const { disarmed, undone } = await live({
    good: { at: 0, for: 10 },
    invisible: { at: 0, for: 10, showsAfterMs: null },
    endless: { at: 0, for: 10, endIsSeen: false },
    once: { at: 0 },
    'once-and-not-back': { at: 0, endIsSeen: false },
  });
  expect(disarmed.sort()).toEqual(['good', 'once']);
  expect(undone.sort()).toEqual(['endless', 'invisible', 'once-and-not-back']);
});

test('what is over and could not be removed keeps its evidence, and is undone by the provider', async () => {
  const { story, disarmed, undone } = await live({ kill: { at: 0, isLeft: true } });
  expect(story).toEqual(['fault-injecting kill', 'fault-injected kill', 'fault-ended kill']);
  expect({ disarmed, undone }).toEqual({ disarmed: [], undone: ['kill'] });
});

test('what a lasting fault has hit may take as long to be back as the drill allows, and half a minute at least', async () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const slow = { at: 0, for: 10, endsAfterMs: 45_000 };
  const lived = live({
    slow,
    'slow-and-allowed': { ...slow, recoverWithin: 120_000 },
    'too-slow': { ...slow, endsAfterMs: 130_000, recoverWithin: 120_000 },
    'short-promise': { ...slow, endsAfterMs: 20_000, recoverWithin: 5_000 },
  });
  await vi.advanceTimersByTimeAsync(200_000);
  const ends = (await lived).story.filter((line) => line.startsWith('fault-end')).sort();
  expect(ends).toEqual([
    'fault-end-unproven slow',
    'fault-end-unproven too-slow',
    'fault-ended short-promise',
    'fault-ended slow-and-allowed',
  ]);
});

test('a fault of a managed service has the patience that it asks for, before and after the end of the load', async () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const over = new AbortController();
  const patience = { evidenceMs: 90_000, endMs: 150_000 };
  const slow = { at: 0, showsAfterMs: 75_000, endsAfterMs: 130_000 };
  const lived = live(
    {
      managed: { ...slow, patience },
      'too-late': { ...slow, showsAfterMs: 95_000, patience },
      'never-back': { ...slow, endsAfterMs: 400_000, patience },
      'like-a-process': slow,
    },
    9,
    { loadOver: over.signal },
  );
  await vi.advanceTimersByTimeAsync(60_000);
  over.abort();
  // Their evidence comes at 75 s, when the load is over; 210 s are given for the end.
  await vi.advanceTimersByTimeAsync(400_000);
  expect((await lived).story.filter((line) => /injected|ended|proven/.test(line)).sort()).toEqual([
    'fault-end-unproven never-back',
    'fault-ended managed',
    'fault-injected managed',
    'fault-injected never-back',
    'fault-unproven like-a-process',
    'fault-unproven too-late',
  ]);
});

test('a run that is stopped waits no longer than half a minute for that, and its faults are told so', async () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const stop = new AbortController();
  const reverted: (boolean | undefined)[] = [];
  const never = { at: 0, for: 60_000, endsAfterMs: 1e9, recoverWithin: 600_000, reverted };
  const lived = live({ never }, 9, { stop: stop.signal });
  await vi.advanceTimersByTimeAsync(10_000);
  stop.abort();
  await vi.advanceTimersByTimeAsync(31_000);
  expect((await lived).story).toContain('fault-end-unproven never');
  expect(reverted).toEqual([true]);
});

test('when the load ends while a fault waits for room, the fault does not go in', async () => {
  const over = new AbortController();
  const faults = {
    long: { at: 0, for: 300, onShown: () => void setTimeout(() => over.abort(), 100) },
    next: { at: 50, for: 50 },
  };
  const { story, undone } = await live(faults, 1, { loadOver: over.signal });
  expect(story).toContain('fault-injecting long');
  expect(story.filter((line) => line.endsWith(' next'))).toEqual([]);
  expect(undone).toContain('next');
});

test('when the load ends while the steady state is asked for, the fault does not go in', async () => {
  const over = new AbortController();
  const steadyGate = async () => {
    over.abort();
    return true;
  };
  const { story, undone } = await live({ one: { at: 0, for: 50 } }, 9, { loadOver: over.signal, steadyGate });
  expect({ story, undone }).toEqual({ story: [], undone: ['one'] });
});

test('when the load ends while the injection is being written down, the fault does not go in', async () => {
  const over = new AbortController();
  const onAct = vi.fn();
  const writeAside = async () => over.abort();
  const { story, undone } = await live({ one: { at: 0, for: 50, onAct } }, 9, {
    loadOver: over.signal,
    writeAside,
  });
  expect(onAct).not.toHaveBeenCalled();
  expect({ story, undone }).toEqual({ story: ['fault-unproven one'], undone: ['one'] });
});

test('a fault that is still going in when the load ends is called off at once; one that is in may still show', async () => {
  const over = new AbortController();
  const slowly = async (signal: AbortSignal) => {
    over.abort();
    signal.throwIfAborted();
  };
  const calledOff = await live({ one: { at: 0, for: 50, onAct: slowly } }, 9, { loadOver: over.signal });
  expect(calledOff.story).toEqual(['fault-injecting one', 'fault-unproven one']);
  expect(calledOff.undone).toEqual(['one']);
  const after = new AbortController();
  const shows = { at: 0, for: 50, showsAfterMs: 100, onAct: () => void setTimeout(() => after.abort(), 20) };
  expect((await live({ shows }, 9, { loadOver: after.signal })).story).toContain('fault-injected shows');
});

test('limits are checked again after a long wait: what another fault left may be the last', async () => {
  const allow: TimelineContext['allow'] = (_request, { healthy }) => {
    if (healthy === 0) throw new Error('the last healthy one');
  };
  const late = { at: 0, for: 3_000 };
  const lost = await live({ late, next: { at: 50, found: [{ healthy: 1 }, { healthy: 0 }] } }, 1, { allow });
  expect(lost.story).toContain('fault-unproven next');
  expect(lost.story).not.toContain('fault-injecting next');
  expect(lost.undone).toContain('next');
  const other: Target = { label: 'other', identity: { name: 'other' }, healthy: true };
  const gone = await live(
    { late, next: { at: 50, found: [{}, { candidates: [other], targets: [other] }] } },
    1,
  );
  expect(gone.story).not.toContain('fault-injecting next');
  expect((await live({ late, next: { at: 50 } }, 1)).story).toContain('fault-ended next');
}, 25_000);

test('a clock that is set back does not hold a fault longer than it was to last', async () => {
  const real = Date.now.bind(Date);
  const clock = vi.spyOn(Date, 'now');
  const setBack = () => void clock.mockImplementation(() => real() - 3_600_000);
  try {
    const { story } = await live({ one: { at: 0, for: 50, onShown: setBack } });
    expect(story).toContain('fault-ended one');
  } finally {
    clock.mockRestore();
  }
}, 5_000);
