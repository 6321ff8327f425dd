import { expect, test } from 'vitest';
import type { DrillProbe } from '../../chaos/schema/drill.ts';
import { now } from '../clock.ts';
import type { JournalEvent, ReceivedAlert } from '../journal.types.ts';
import { watchProbes } from './probes.ts';

const probe: DrillProbe = {
  name: 'alerted',
  kind: 'alert',
  match: { component: 'gateway' },
  within: 60,
  after: 'lost',
};
const alert = (receivedAt: number, startsAt: string | null = null): ReceivedAlert => ({
  receivedAt,
  status: 'firing',
  labels: { component: 'gateway', alertname: 'Lost' },
  annotations: {},
  startsAt,
});
const injecting: JournalEvent = { type: 'fault-injecting', fault: 'lost', targets: [], dueAt: now() };

/** An alert so many ms after the injection began, whose proof comes 30 ms after that. */
async function withAlert(afterMs: number, startsAt: string | null = null): Promise<JournalEvent | undefined> {
  const written: JournalEvent[] = [];
  const watch = watchProbes({
    probes: [probe],
    write: (event) => written.push(event),
    stop: new AbortController().signal,
    ask: async () => ({ ok: false, detail: '' }),
  });
  if (afterMs < 0) watch.seen({ type: 'alert', alert: alert(now() + afterMs) });
  watch.seen(injecting);
  const begun = now();
  if (afterMs >= 0) watch.seen({ type: 'alert', alert: alert(begun + afterMs, startsAt) });
  watch.seen({ type: 'fault-injected', fault: 'lost', evidence: { at: begun + 30, seen: ['gone'] } });
  await watch.settled();
  return written.find(({ type }) => type === 'probe');
}

test('an alert that is faster than the proof of the fault counts', async () => {
  expect(await withAlert(10)).toMatchObject({ ok: true, detail: 'Lost' });
});

test('an alert after the proof counts', async () => {
  expect(await withAlert(40)).toMatchObject({ ok: true });
});

test('an alert from before the fault does not count', async () => {
  expect(await withAlert(-10)).toMatchObject({ ok: false, detail: 'not within its time' });
});

test('an alert that is repeated, about an incident from before the fault, does not count', async () => {
  expect(await withAlert(10, new Date(now() - 30_000).toISOString())).toMatchObject({ ok: false });
  expect(await withAlert(10, new Date(now()).toISOString())).toMatchObject({ ok: true });
});
