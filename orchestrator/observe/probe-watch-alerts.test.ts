import { expect, test, vi } from 'vitest';
import type { DrillProbe } from '../../chaos/schema/drill.ts';
import { now } from '../clock.ts';
import type { JournalEvent, ReceivedAlert } from '../journal/events.ts';
import { alert, injecting, probe, watching } from './fixtures/watching.ts';

/** An alert so many ms after the injection began, whose proof comes 30 ms after that. */
async function withAlert(afterMs: number, startsAt: string | null = null): Promise<JournalEvent | undefined> {
  const { watch, written } = watching(probe);
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

test('an alert that may have been refused leaves its probe unanswered', async () => {
  const { watch, written } = watching(probe);
  watch.seen(injecting);
  watch.seen({ type: 'fault-injected', fault: 'lost', evidence: { at: now(), seen: ['gone'] } });
  watch.seen({ type: 'alerts-refused', count: 3, reason: 'it has no labels' });
  await watch.settled();
  expect(written[0]).toMatchObject({
    ok: false,
    unanswered: true,
    detail: 'no answer within its time: alerts arrived and were refused: it has no labels',
  });
});

test('an alert that comes while the probe waits counts, one that is over or of another component does not', async () => {
  const waiting = async (change: Partial<ReceivedAlert>) => {
    const { watch, written } = watching(probe);
    watch.seen(injecting);
    watch.seen({ type: 'fault-injected', fault: 'lost', evidence: { at: now(), seen: ['gone'] } });
    watch.seen({ type: 'alert', alert: { ...alert(now()), ...change } });
    await watch.settled();
    return written[0];
  };
  expect(await waiting({})).toMatchObject({ ok: true });
  expect(await waiting({ status: 'resolved' })).toMatchObject({ ok: false });
  expect(await waiting({ labels: { component: 'other', alertname: 'Lost' } })).toMatchObject({ ok: false });
});

test('what was refused before the fault was not its alert', async () => {
  const { watch, written } = watching(probe);
  watch.seen({ type: 'alerts-refused', count: 3, reason: 'it has no labels' });
  const refusedAt = now();
  await vi.waitUntil(() => now() > refusedAt + 1);
  watch.seen(injecting);
  watch.seen({ type: 'fault-injected', fault: 'lost', evidence: { at: now(), seen: ['gone'] } });
  await watch.settled();
  expect(written[0]).toMatchObject({ ok: false, detail: 'not within its time' });
  expect(written[0]).not.toHaveProperty('unanswered');
});

test('an alert without a label that it must have is not the one', async () => {
  const { watch, written } = watching(
    { ...probe, name: 'with-id', has: ['correlation_id'] } as DrillProbe,
    { ...probe, name: 'with-name', has: ['alertname'] } as DrillProbe,
  );
  watch.seen(injecting);
  watch.seen({ type: 'alert', alert: alert(now()) });
  watch.seen({ type: 'fault-injected', fault: 'lost', evidence: { at: now(), seen: ['gone'] } });
  await watch.settled();
  expect(written).toContainEqual(expect.objectContaining({ name: 'with-name', ok: true }));
  expect(written).toContainEqual(
    expect.objectContaining({
      name: 'with-id',
      ok: false,
      detail: 'not within its time: an alert arrived without correlation_id',
    }),
  );
});
