import { expect, test } from 'vitest';
import type { ProbeReading } from '../../chaos/provider.ts';
import type { DrillProbe } from '../../chaos/schema/drill.ts';
import { now } from '../clock.ts';
import type { JournalEvent } from '../journal/events.ts';
import { http, probe } from './fixtures/watching.ts';
import { watchProbes } from './probe-watch.ts';

/** What becomes of a probe of a component whose provider answers so. */
async function askProvider(
  ask: (looks: number) => ProbeReading,
  within = 700,
): Promise<JournalEvent | undefined> {
  let looks = 0;
  const written: JournalEvent[] = [];
  const watch = watchProbes({
    probes: [{ name: 'back', kind: 'ready-within', component: 'gateway', within, after: 'lost' }],
    write: (event) => written.push(event),
    stop: new AbortController().signal,
    http,
    ask: async () => ask(++looks),
  });
  watch.seen({ type: 'fault-injected', fault: 'lost', evidence: { at: now(), seen: ['gone'] } });
  await watch.settled();
  return written[0];
}

function cannotTell(): never {
  throw new Error('may not list deployments');
}

test('a provider that can never tell leaves its probe unanswered, and why is said', async () => {
  expect(await askProvider(cannotTell)).toMatchObject({
    ok: false,
    unanswered: true,
    detail: 'no answer within its time: may not list deployments',
  });
});

test('a provider that can tell once has answered, whatever comes of it later', async () => {
  const notYet = { ok: false, detail: '2 of 3 replicas are ready' };
  const missed = await askProvider((looks) => (looks === 1 ? notYet : cannotTell()));
  expect(missed).toMatchObject({ ok: false, detail: expect.stringMatching(/^not within its time: /) });
  expect(missed).not.toHaveProperty('unanswered');
  const ready = { ok: true, detail: '3 of 3 replicas are ready' };
  const held = await askProvider((looks) => (looks === 1 ? cannotTell() : ready), 10_000);
  expect(held).toMatchObject(ready);
  expect(held).not.toHaveProperty('unanswered');
});

test('the clock of a probe starts at the proof of its fault, and each is followed once', async () => {
  const followed = async (injectedAt: number) => {
    const written: JournalEvent[] = [];
    const since: number[] = [];
    const watch = watchProbes({
      probes: [{ name: 'back', kind: 'ready-within', component: 'gateway', within: 5_000, after: 'lost' }],
      write: (event) => written.push(event),
      stop: new AbortController().signal,
      http,
      ask: async (_probe, _signal, startAt) => {
        since.push(startAt);
        return { ok: true, detail: 'ready' };
      },
    });
    const injected = {
      type: 'fault-injected',
      fault: 'lost',
      evidence: { at: injectedAt, seen: [] },
    } as const;
    watch.seen(injected);
    watch.seen(injected);
    await watch.settled();
    return { written, since };
  };
  const justNow = now() - 100;
  expect(await followed(justNow)).toMatchObject({ written: [{ ok: true }], since: [justNow] });
});

test('a probe that a stop of the run cuts short has no answer', async () => {
  const written: JournalEvent[] = [];
  const stop = new AbortController();
  const watch = watchProbes({
    probes: [
      probe,
      {
        name: 'answers',
        kind: 'http',
        url: 'http://127.0.0.1:1/',
        status: 200,
        within: 9_000,
        after: 'lost',
      },
    ],
    write: (event) => written.push(event),
    stop: stop.signal,
    http,
    ask: async () => ({ ok: false, detail: '' }),
  });
  watch.seen({ type: 'fault-injected', fault: 'lost', evidence: { at: now() + 5_000, seen: ['gone'] } });
  stop.abort();
  await watch.settled();
  for (const event of written)
    expect(event).toMatchObject({
      unanswered: true,
      detail: expect.stringMatching(/^the run was stopped before/),
    });
  expect(written).toHaveLength(2);
});

const replicas = (name: string, atLeast: number, atMost: number, after?: string): DrillProbe => ({
  ...{ name, kind: 'replicas', component: 'gateway', atLeast, atMost, within: 400 },
  ...(after === undefined ? {} : { after }),
});

test('the watch is not over while a probe waits that another one started', async () => {
  const written: JournalEvent[] = [];
  const looks = new Map<string, number>();
  const watch = watchProbes({
    probes: [replicas('first', 1, 1), { ...replicas('second', 1, 1, 'first'), within: 20_000 }],
    write: (event) => written.push(event),
    stop: new AbortController().signal,
    http,
    ask: async ({ name }) => {
      looks.set(name, (looks.get(name) ?? 0) + 1);
      return { ok: name === 'first' || looks.get(name) === 2, detail: '' };
    },
  });
  watch.seen({ type: 'first-sample', time: now() });
  await watch.settled();
  expect(written).toMatchObject([
    { name: 'first', ok: true },
    { name: 'second', ok: true },
  ]);
});

test('a probe that comes after another starts when that one holds, and never if it does not', async () => {
  const written: JournalEvent[] = [];
  let ready = 3;
  const watch = watchProbes({
    probes: [
      replicas('before', 3, 3),
      replicas('out', 10, 10),
      replicas('back', 3, 3, 'out'),
      replicas('more', 11, 11),
      replicas('never', 3, 3, 'more'),
    ],
    write: (event) => {
      written.push(event);
      if (event.type === 'probe') ready = event.name === 'before' ? 10 : event.name === 'out' ? 3 : ready;
    },
    stop: new AbortController().signal,
    http,
    ask: async (one) => ({
      ok: one.kind === 'replicas' && ready >= (one.atLeast ?? 0) && ready <= (one.atMost ?? 0),
      detail: `${ready} are ready`,
    }),
  });
  watch.seen({ type: 'first-sample', time: now() });
  await watch.settled();
  const held = written.flatMap((event) => (event.type === 'probe' ? [[event.name, event.ok]] : []));
  expect(held).toEqual([
    ['before', true],
    ['out', true],
    ['back', true],
    ['more', false],
  ]);
});
