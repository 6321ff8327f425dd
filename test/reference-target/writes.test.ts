import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, expect, test } from 'vitest';
import type { JournalEvent } from '../../orchestrator/journal/events.ts';
import { acknowledgedWrites } from '../../orchestrator/judge/acknowledged.ts';
import { judgeRun } from '../../orchestrator/judge/judge.ts';
import { createHttpClient } from '../../orchestrator/observe/http-client.ts';
import { checkWrites } from '../../orchestrator/observe/writes.ts';
import { writeReport } from '../../orchestrator/report/write-report.ts';
import { recordingOf } from '../../orchestrator/samples/recording/recording.ts';
import type { Verdict } from '../../orchestrator/verdict.types.ts';
import { loadEnded } from './load-ended.ts';
import { journalOf } from './recorded-run.ts';
import { type ReferenceTarget, startReferenceTarget, type TargetRecord } from './reference-target.ts';
import { acknowledgementsCsv, simulatedRun } from './simulated-run.ts';

const ZERO = 1_790_000_000_000;
const WRITES = 100_000;
const removals: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const remove of removals.splice(0)) await remove();
});

/** Two loads that wrote in turns; ids as a scenario may choose them, some of which CSV has to quote. */
const ids = Array.from({ length: WRITES }, (_, i) =>
  i % 1000 === 7 ? `draft "${i}", übung` : `${i % 50}-${Math.floor(i / 50)}`,
);
const own = (load: number) => ids.filter((_, i) => i % 2 === load);

/** The target loses and duplicates some writes, including the first and the last, and records which. */
async function writeAll(): Promise<{ target: ReferenceTarget; record: TargetRecord }> {
  const target = await startReferenceTarget();
  removals.push(() => target.stop());
  await target.play({
    windows: [],
    writes: { loseEvery: 997, duplicateEvery: 1499, lose: [1, 2, 3, WRITES], duplicate: [4, WRITES - 1] },
  });
  for (let from = 0; from < WRITES; from += 5000) {
    const body = JSON.stringify({ ids: ids.slice(from, from + 5000) });
    const answer = await fetch(`${target.url}/batch`, { method: 'POST', body });
    expect(answer.status).toBe(201);
  }
  return { target, record: await target.record() };
}

/** As a drill does it after the load: the recordings, the look-up, the journal, the verdict and its file. */
async function verdictFile(target: ReferenceTarget, texts: readonly string[]): Promise<Verdict> {
  const recorded = simulatedRun(texts, ZERO, ZERO + 1e6);
  const { directory } = recorded;
  removals.push(recorded.remove);
  const recordings = texts.map((_, load) => recordingOf(path.join(directory, 'k6'), load));
  const lookUp = { lookup: `${target.url}/lookup`, headers: {}, batch: 700 };
  const http = createHttpClient();
  removals.push(() => http.close());
  const { signal } = new AbortController();
  const checked = await checkWrites(acknowledgedWrites(recordings), lookUp, http, signal);
  const run = journalOf(
    recorded,
    {
      objectives: [],
      drill: { writes: { lost: 0, duplicated: 0 }, load: texts.map(() => ({ scenario: 'load', vars: {} })) },
    },
    [...texts.slice(1).flatMap((_, i) => loadEvents(i + 1)), { at: ZERO + 900_000, event: checked }],
  );
  const judgement = await judgeRun(run);
  await writeReport(directory, judgement, run);
  return JSON.parse(readFileSync(path.join(directory, 'verdict.json'), 'utf8')) as Verdict;
}

function loadEvents(load: number): { at: number; event: JournalEvent }[] {
  return [
    { at: ZERO, event: { type: 'load-started', load, script: '', pid: 1, k6: '' } },
    {
      at: ZERO + 800_000,
      event: loadEnded({ load }),
    },
  ];
}

test('of 100,000 acknowledged writes exactly the lost and the duplicated ones are named in verdict.json (simulated recording, real look-ups)', async () => {
  const { target, record } = await writeAll();
  expect(record.acknowledged).toHaveLength(WRITES);
  expect(record.lost.length).toBeGreaterThan(100);
  expect(record.duplicated.length).toBeGreaterThan(60);
  const texts = [0, 1].map((load) => acknowledgementsCsv(own(load), ZERO));
  const { verdict, writes } = await verdictFile(target, texts);
  expect(writes?.lostIds.toSorted()).toEqual(record.lost.toSorted());
  expect(writes?.duplicatedIds.toSorted()).toEqual(record.duplicated.toSorted());
  expect(writes).toMatchObject({
    acknowledged: WRITES,
    present: WRITES - record.lost.length,
    lost: record.lost.length,
    duplicated: record.duplicated.length,
    result: 'FAIL',
  });
  expect(verdict).toBe('FAIL');
}, 60_000);

test('a measurement that looks up every second write is noticed', async () => {
  const { target, record } = await writeAll();
  const { writes } = await verdictFile(target, [acknowledgementsCsv(own(0), ZERO)]);
  expect(writes?.lostIds.toSorted()).not.toEqual(record.lost.toSorted());
  expect(writes?.duplicatedIds.toSorted()).not.toEqual(record.duplicated.toSorted());
  expect(writes?.acknowledged).not.toBe(WRITES);
}, 60_000);
