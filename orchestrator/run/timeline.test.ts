import { expect, test } from 'vitest';
import type { PreparedFault, Provider, ProviderSession, Target, UndoRecord } from '../../chaos/provider.ts';
import { now, sleep } from '../clock.ts';
import type { JournalEvent } from '../journal.types.ts';
import { runTimeline, type TimelineFault } from './timeline.ts';

interface Script {
  readonly at: number;
  /** Milliseconds; left out: it happens once. */
  readonly for?: number;
  /** How long the effect takes to show; null: it never does. */
  readonly showsAfterMs?: number | null;
  readonly endIsSeen?: boolean;
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
    act: async () => {},
    async observe(signal) {
      if (script.showsAfterMs === null) throw new Error('nothing to see');
      await sleep(script.showsAfterMs ?? 0, signal);
      return { at: now(), seen: ['in'] };
    },
    revert: async () => {},
    async observeEnd() {
      if (script.endIsSeen === false) throw new Error('no end to see');
      return { at: now(), seen: ['out'] };
    },
  };
  const resolution = { candidates: [target], targets: [target], healthy: 1 };
  const fault = { name, at: script.at, ...(script.for !== undefined && { for: script.for }) };
  return {
    request: { fault } as unknown as TimelineFault['request'],
    provider: { resolve: async () => resolution } as unknown as Provider,
    session: { prepare: async () => prepared } as unknown as ProviderSession,
    lasting: script.for !== undefined,
  };
}

async function live(faults: Record<string, Script>, maxTargets = 9) {
  const events: JournalEvent[] = [];
  const disarmed: string[] = [];
  const undone: string[] = [];
  const never = new AbortController().signal;
  await runTimeline(
    Object.entries(faults).map(([name, script]) => faultOf(name, script)),
    {
      zeroAt: now(),
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
    },
  );
  return {
    story: events.map((event) => `${event.type} ${'fault' in event ? event.fault : ''}`),
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
