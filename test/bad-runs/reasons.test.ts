import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { checkDrill } from '../../chaos/definitions/check/check-drill.ts';
import { formatIssues } from '../../chaos/definitions/issues/definition-error.ts';
import { loadDrill } from '../../chaos/definitions/load-drill.ts';
import { loadEnvironment } from '../../chaos/definitions/load-environment.ts';
import { type JournalLine, journalEvent } from '../../orchestrator/journal/events.ts';
import { judgeRun } from '../../orchestrator/judge/judge.ts';
import { renderReasons as asMarkdown } from '../../orchestrator/report/markdown.ts';
import { renderReasons, renderVerdict } from '../../orchestrator/report/terminal.ts';
import { withEnd } from '../../orchestrator/run/unwritten-end.ts';
import type { Outcome, Verdict } from '../../orchestrator/verdict.types.ts';

const here = import.meta.dirname;

/** Runs that went wrong, each recorded from a real drill (record.drill.test.ts). */
const RUNS: readonly [name: string, verdict: Outcome, cause: RegExp][] = [
  ['steady-state-never-there', 'FAIL', /Objective quick .*: p95 is [\d.]+ ms of 1 ms/],
  ['k6-killed', 'INVALID', /k6 was killed by SIGKILL at \d\d:\d\d:\d\d UTC/],
  ['no-samples', 'INVALID', /^The scenario all of Load 1 \(script\.js\) made no request: not one iteration/],
  ['alert-receiver-dead', 'FAIL', /no alert for the component arrived, nor any other alert/],
  ['fault-without-evidence', 'INVALID', /Fault link-cut \(.*\): nothing proves that it took effect/],
  ['stop-condition', 'INVALID', /stopped at .* \(stop-condition\): stop\[0\]: more than 50 % errors for 1 s/],
  ['ctrl-c', 'INVALID', /stopped at .* \(signal\): SIGINT received \(Ctrl-C\)/],
  ['residue', 'INVALID', /Fault server-frozen \(.*\): nothing proves that it ended: the signal was refused/],
  ['full-disk', 'INVALID', /\(error\): the samples of load 1 are lost: .*ENOSPC: no space left on device/],
];

describe.each(RUNS)('the reasons of the run %s', (name, outcome, cause) => {
  test('say the cause first, what follows, and what to do, in at most 8 lines', async () => {
    const verdict = await judged(name);
    const text = renderReasons(verdict, 80);
    await expect(
      `${[...text, ...(name === 'residue' ? residue(verdict) : [])].join('\n')}\n`,
    ).toMatchFileSnapshot(golden(name, 'txt'));
    await expect(`${asMarkdown(verdict)}\n`).toMatchFileSnapshot(golden(name, 'md'));
    expect(verdict.verdict).toBe(outcome);
    expect(verdict.reasons[0]).toMatch(cause);
    expect(text.length).toBeLessThanOrEqual(8);
    expect(unfolded(asMarkdown(verdict)).length).toBeLessThanOrEqual(8);
    for (const reason of verdict.causes ?? []) {
      if (reason.result === 'NOTE') continue;
      expect(reason.consequence).toMatch(/^So .*\.$/);
      // What to do about a steady phase is said once, by the steady state that was not there.
      if (name !== 'steady-state-never-there' || reason.result !== 'FAIL')
        expect(reason.advice).toMatch(/\.$/);
    }
  });

  test('name each row that is not PASS once: as a cause, or behind one', async () => {
    const { causes = [], objectives, faults, probes, writes } = await judged(name);
    const behind = causes.flatMap(({ notMeasured }) => notMeasured);
    const marked = [
      ...objectives.map((row) => ({ row, at: `${row.name} (${row.phase})` })),
      ...faults.map((row) => ({ row, at: row.name })),
      ...probes.map((row) => ({ row, at: row.name })),
      ...(writes === null ? [] : [{ row: writes, at: 'acknowledged writes' }]),
    ];
    const listed = behind.filter(({ kind }) => kind !== 'load').map((one) => one.name);
    expect(listed.toSorted()).toEqual(
      marked.flatMap(({ row, at }) => (row.notMeasured ? [at] : [])).toSorted(),
    );
    const own = marked.filter(({ row }) => row.result !== 'PASS' && !row.notMeasured);
    const told = causes.map((one) => one.cause).join('\n');
    for (const { at, row } of own) expect(told).toContain('name' in row ? row.name : at);
  });
});

test('a drill for a component that is not there is refused before anything happens, in at most 8 lines', async () => {
  const drill = await loadDrill(path.join(here, 'wrong-component.yaml'));
  const lab = await loadEnvironment(path.join(here, 'lab.yaml'), here);
  const text = formatIssues(checkDrill(drill, lab, [60_000])).replaceAll(`${here}/`, '');
  await expect(`${text.trimEnd()}\n`).toMatchFileSnapshot(golden('wrong-component', 'txt'));
  expect(text.trimEnd().split('\n').length).toBeLessThanOrEqual(8);
  expect(text.split('\n')[0]).toMatch(/wrong-component\.yaml:\d+:\d+ .*"gatway"/);
});

test('a stop that the full disk kept out of the journal is still the cause for the run that knows it', async () => {
  const until = (lines: JournalLine[]) =>
    lines.slice(0, lines.findIndex(({ event }) => event.type === 'first-sample') + 1);
  const why = {
    at: 1_795_994_788_000,
    cause: 'error',
    reason: 'the journal cannot be written: ENOSPC: no space left on device, write',
  } as const;
  const told = await judged('full-disk', (lines) => withEnd(until(lines), why, (text) => text));
  expect(told.reasons).toHaveLength(1);
  expect(told.reasons[0]).toMatch(
    /^The run was stopped at .*: the journal cannot be written: ENOSPC.* were not measured\. .*`df -h`/,
  );
  const later = await judged('full-disk', until);
  expect(later.reasons[0]).toMatch(/^The journal has no end/);
});

async function judged(
  name: string,
  change: (lines: JournalLine[]) => readonly JournalLine[] = (same) => same,
) {
  const directory = path.join(here, 'fixtures', name);
  const lines = readFileSync(path.join(directory, 'journal.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line, seq): JournalLine => {
      const { at, event } = JSON.parse(line);
      return { seq, at, event: journalEvent.parse(event), prev: '', hash: '' };
    });
  return (await judgeRun({ directory, lines: change(lines), damage: null })).verdict;
}

function golden(name: string, suffix: string): string {
  return `./fixtures/golden/${name}.${suffix}`;
}

/** The lines of Markdown that are seen before anybody opens anything. */
function unfolded(markdown: string): string[] {
  return markdown
    .replace(/\n\s*<details><summary>(.*?)<\/summary>[\s\S]*?<\/details>/g, '<br>$1')
    .split(/\n|<br>/)
    .filter((line) => line.trim() !== '');
}

/** What stays behind belongs to the first thing that a person must know. */
function residue(verdict: Verdict): string[] {
  if (verdict.residue.length === 0) return [];
  const lines = renderVerdict(verdict, { color: false, width: 80 }).split('\n');
  return lines.slice(lines.findIndex((line) => line.startsWith('! LEFT BEHIND')));
}
