import { expect, onTestFinished, test, vi } from 'vitest';
import type { FaultRequest, Target, Use, UseWatch, UseWindow } from '../../chaos/provider.ts';
import { now } from '../clock.ts';
import type { JournalEvent } from '../journal/events.ts';
import { runTimeline, type TimelineContext, type TimelineFault } from './timeline.ts';
import { quietSeen, watchUses } from './use-of-faults.ts';

const target: Target = { label: 'one', identity: { pid: 7 }, healthy: true };
const inUse: Use = { inUse: true, seen: ['3 clients'] };

interface Story {
  /** In the order in which it happened: acts, reverts, questions, events. */
  readonly steps: string[];
  readonly events: Extract<JournalEvent, { type: 'fault-use' }>[];
  readonly asked: (UseWindow & { readonly targets: readonly Target[] })[];
  readonly notes: string[];
  readonly zeroAt: number;
}

interface Fake {
  /** Milliseconds it lasts; left out: it happens once. */
  readonly for?: number;
  readonly at?: number;
  /** Left out: this provider cannot watch use. */
  readonly between?: () => Promise<Use>;
  readonly watch?: () => UseWatch;
  readonly close?: () => Promise<void>;
  readonly zeroAgo?: number;
  readonly loadOver?: AbortSignal;
}

/** One fault of a provider that only takes notes. */
async function live(fake: Fake): Promise<Story> {
  const zeroAt = now() - (fake.zeroAgo ?? 0);
  const story: Story = { steps: [], events: [], asked: [], notes: [], zeroAt };
  const { steps } = story;
  const watchUse = (_: FaultRequest): UseWatch => {
    steps.push('watch');
    if (fake.watch) return fake.watch();
    return {
      between(targets, window) {
        steps.push('asked');
        story.asked.push({ targets, ...window });
        return fake.between?.() ?? Promise.resolve(inUse);
      },
      async close() {
        steps.push('close');
        await fake.close?.();
      },
    };
  };
  const prepared = {
    undo: [],
    act: async () => void steps.push('act'),
    observe: async () => ({ at: now(), seen: ['in'] }),
    revert: async () => void steps.push('revert'),
    observeEnd: async () => ({ at: now(), seen: ['out'] }),
  };
  const watched = fake.between !== undefined || fake.watch !== undefined;
  const at = (fake.zeroAgo ?? 0) + (fake.at ?? 0);
  const planned = {
    request: { fault: { name: 'f', at, ...(fake.for !== undefined && { for: fake.for }) } },
    provider: {
      name: 'fake',
      resolve: async () => ({ candidates: [target], targets: [target], healthy: 1 }),
    },
    session: { prepare: async () => prepared, ...(watched && { watchUse }) },
    lasting: fake.for !== undefined,
  } as unknown as TimelineFault;
  const write = (event: JournalEvent) => {
    steps.push(event.type === 'fault-use' ? `use ${event.when}` : event.type);
    if (event.type === 'fault-use') story.events.push(event);
    if (event.type === 'note') story.notes.push(event.text);
  };
  const never = new AbortController().signal;
  const context: TimelineContext = {
    zeroAt,
    quietUntil: zeroAt - 300,
    pace: { madeBy: ({ from }, share) => from + 100 * share },
    stop: never,
    loadOver: fake.loadOver ?? never,
    steadyGate: async () => true,
    write,
    writeAside: async (event) => write(event),
    arm: async () => {},
    disarm: async () => {},
    undo: async () => {},
    allow: () => {},
    maxTargets: 9,
  };
  await runTimeline(watchUses([planned], write), context);
  return story;
}

test('use is watched from the first sample, asked for before a lasting fault and while it was in, and the watch ends', async () => {
  const { steps, events, asked, zeroAt } = await live({ at: 50, for: 30, between: async () => inUse });
  expect(steps[0]).toBe('watch');
  expect(steps.at(-1)).toBe('close');
  expect(steps.indexOf('asked')).toBeGreaterThan(steps.indexOf('act'));
  expect(steps.lastIndexOf('asked')).toBeGreaterThan(steps.indexOf('revert'));
  expect(events).toMatchObject([
    { fault: 'f', when: 'steady', from: zeroAt, use: inUse },
    { fault: 'f', when: 'in', use: inUse },
  ]);
  const [before, during] = asked;
  expect(before?.targets).toEqual([target]);
  expect(before?.to).toBeGreaterThanOrEqual(zeroAt + 50);
  expect(during?.from).toBeGreaterThanOrEqual(before?.to ?? 0);
  expect(during?.to).toBeGreaterThanOrEqual((during?.from ?? 0) + 25);
});

test('the window before a fault is 20 s, and no longer than the load has run', async () => {
  const { asked } = await live({ zeroAgo: 90_000, between: async () => inUse });
  expect((asked[0]?.to ?? 0) - (asked[0]?.from ?? 0)).toBe(20_000);
});

test('what it compares with is from the beginning of the watch until the load was let go', async () => {
  const { asked, zeroAt } = await live({ for: 10, between: async () => inUse });
  expect(asked.map(({ quiet }) => quiet.to)).toEqual([zeroAt - 300, zeroAt - 300]);
  expect(asked[0]?.quiet.from).toBeGreaterThanOrEqual(zeroAt);
  expect(asked[0]?.madeBy?.(0.5)).toBe((asked[0]?.from ?? 0) + 50);
});

test('a load waits until what goes on without it has been seen, but not for ever, and not when the run is stopped', async () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const waitedMs = async (ready: Promise<void>, stop = new AbortController().signal) => {
    const began = Date.now();
    const waited = vi.fn();
    void quietSeen([{ use: { ready } }], stop).then(() => waited(Date.now() - began));
    await vi.advanceTimersByTimeAsync(20_000);
    return waited.mock.calls[0]?.[0];
  };
  const never = new Promise<void>(() => {});
  expect(await waitedMs(new Promise((resolve) => setTimeout(resolve, 1_500)))).toBe(1_500);
  expect(await waitedMs(never)).toBe(6_000);
  expect(await waitedMs(never, AbortSignal.abort())).toBe(0);
});

test('a provider that says nothing about the time before the load keeps it from nothing', async () => {
  const faults = [{ request: { fault: { name: 'f' } }, provider: { name: 'fake' }, session: {} }];
  const [watched] = watchUses(faults as unknown as readonly TimelineFault[], () => {});
  await watched?.use.ready;
});

test('of a fault that happens once only the time before it is asked for', async () => {
  const { events } = await live({ between: async () => inUse });
  expect(events.map(({ when }) => when)).toEqual(['steady']);
});

test('a provider that cannot watch is written down as that', async () => {
  const { events } = await live({ for: 10 });
  expect(events).toMatchObject([
    { when: 'steady', use: { inUse: null, seen: ['the provider fake cannot measure use'] } },
  ]);
});

test.each<[string, Partial<Fake>, RegExp]>([
  [
    'cannot begin to watch',
    { watch: () => throwing('no ss here') },
    /could not watch what uses it: no ss here/,
  ],
  ['fails to answer', { between: async () => throwing('gone') }, /could not say what used it: gone/],
])('a provider that %s says nothing about use, and the fault goes in and out', async (_, fake, why) => {
  const { steps, events } = await live({ for: 10, ...fake });
  expect(events[0]?.use).toEqual({ inUse: null, seen: [expect.stringMatching(why)] });
  expect(steps).toEqual(expect.arrayContaining(['act', 'revert', 'fault-ended']));
});

test('a provider that never answers delays no undo, and the run goes on without it', async () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const hanging = () => new Promise<never>(() => {});
  const began = Date.now();
  const lived = live({ for: 1_000, between: hanging, close: hanging });
  await vi.advanceTimersByTimeAsync(1_100);
  const outAfter = vi.fn();
  void lived.then(() => outAfter(Date.now() - began));
  await vi.advanceTimersByTimeAsync(30_000);
  const { steps, events, notes } = await lived;
  expect(steps.indexOf('fault-ended')).toBeLessThan(steps.indexOf('use steady'));
  expect(events.map(({ use }) => use)).toMatchObject([
    { inUse: null, seen: [expect.stringContaining('did not say what used it within 5 s')] },
    { inUse: null },
  ]);
  expect(notes).toEqual([expect.stringContaining('it did not end within 5 s')]);
  expect(outAfter.mock.calls[0]?.[0]).toBeLessThanOrEqual(12_000);
});

test('a fault that never went in is asked nothing, and its watch ends', async () => {
  const over = AbortSignal.abort();
  const { steps } = await live({ at: 50, for: 10, between: async () => inUse, loadOver: over });
  expect(steps).toEqual(['watch', 'close']);
});

function throwing(message: string): never {
  throw new Error(message);
}
