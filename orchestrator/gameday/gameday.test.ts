import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { marked } from 'marked';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { RefusalError } from '../refusal.ts';
import { HOSTILE } from '../report/fixtures/hostile.ts';
import { realisticRun } from '../report/fixtures/realistic.ts';
import { impactTexts } from '../report/text/impact.ts';
import type { FaultResult, WritesResult } from '../verdict.types.ts';
import type { GamedayEvent, GamedayStarted, PartResult } from './events.ts';
import { gamedayMarkdown } from './markdown.ts';
import { gamedayState, partResultOf, refusedPart } from './outcome.ts';
import { openRecord, readRecord } from './record.ts';
import { type GamedayPlan, type People, runGameday } from './run-gameday.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(path.join(os.tmpdir(), 'squall-gameday-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const passed: PartResult = { ...refusedPart('all held'), verdict: 'PASS', directory: '/runs/1' };

test('writes down what people said and what was run, in that order', async () => {
  const { events } = await play({
    answers: { 'What has to be done': 'a runbook', 'Who does it': 'Ada', '': 'yes' },
  });
  expect(events.map(({ type }) => type)).toEqual([
    ...['checked', 'waiting', 'predicted', 'part-started', 'part-ended', 'answered', 'answered', 'action'],
    ...['waiting', 'predicted', 'part-started', 'part-ended', 'answered', 'answered', 'action'],
    ...['answered', 'action', 'gameday-ended'],
  ]);
  expect(events).toContainEqual({ type: 'action', part: 1, what: 'a runbook', who: 'Ada' });
});

test('where nobody can be asked, only the drills run', async () => {
  const { events, outcome } = await play({ present: false });
  expect(events.map(({ type }) => type)).toEqual([
    ...['waiting', 'part-started', 'part-ended', 'waiting', 'part-started', 'part-ended', 'gameday-ended'],
  ]);
  expect(outcome).toBe('PASS');
});

test('a pre-check that is not answered with yes ends it before anything is broken', async () => {
  const { events, outcome } = await play({ answers: { 'Is it quiet?': 'not really', '': '' } });
  expect(events.map(({ type }) => type)).toEqual(['checked', 'stopped']);
  expect(outcome).toBe('INVALID');
});

test.each([
  [['PASS', 'FAIL'], 'FAIL'],
  [['FAIL', 'INVALID'], 'FAIL'],
  [['PASS', 'INVALID'], 'INVALID'],
  [['PASS', 'PASS'], 'PASS'],
] as const)('of drills that are %j the worst counts: %s', async (verdicts, outcome) => {
  const results = verdicts.map((verdict) => ({ ...passed, verdict }));
  expect((await play({ results })).outcome).toBe(outcome);
});

test('a part that was skipped proves nothing', async () => {
  const { outcome, markdown } = await play({ skip: [1] });
  expect(outcome).toBe('INVALID');
  expect(markdown).toMatch(/\| `second` +\| skipped +\|/);
});

test('after something was left behind nothing more is broken', async () => {
  const { events, state } = await play({
    results: [{ ...passed, residue: ['a rule; remove with: x'] }, passed],
  });
  expect(events.at(-1)).toMatchObject({ type: 'stopped' });
  expect(state.results.size).toBe(1);
  expect(state.residue).toEqual(['a rule; remove with: x']);
});

test('a signal during a drill ends the game day after it', async () => {
  const { events } = await play({ stopped: 'SIGINT received' });
  expect(events.at(-1)).toEqual({ type: 'stopped', reason: 'SIGINT received' });
  expect(events.filter(({ type }) => type === 'part-started')).toHaveLength(1);
});

test('parts that have a verdict are not run again, and pre-checks are not asked again', async () => {
  const { events } = await play({ done: new Set([0]) });
  expect(events.flatMap((event) => ('part' in event ? [event.part] : []))).not.toContain(0);
  expect(events[0]?.type).toBe('waiting');
});

test('the report has the verdict as it was judged, and leaves to people what only they know', async () => {
  const { judgement } = realisticRun('FAIL');
  const result = partResultOf(judgement.verdict, path.join(directory, '1-first'), null);
  const { markdown } = await play({ results: [result, passed] });
  expect(markdown).toMatch(/^# Game day autumn: FAIL\n/);
  const broken = result.promises.filter((one) => one.result === 'FAIL');
  expect(broken.length).toBeGreaterThan(0);
  expect(markdown).toContain('[report](1-first/report.html)');
  for (const heading of ['## Scorecard', '## Actions', '# Post-mortem (draft)', '## Timeline', '## Impact'])
    expect(markdown).toContain(`\n${heading}\n`);
  expect(markdown).toContain('For people to write');
  expect(markdown).not.toMatch(/undefined|NaN|\[object/);
});

test('a recovery reads as in the report of the run: without an outage there was none to measure', async () => {
  const { verdict } = realisticRun('PASS').judgement;
  const [fault] = verdict.faults as [FaultResult];
  const calm = { ...fault, name: 'calm', firstBadAt: null, recoveredAt: null, recoveredAfterMs: null };
  const unseen = { ...fault, name: 'unseen', recoveredAt: null, recoveredAfterMs: null };
  const faults = [fault, { ...calm, downtimeMs: 0 }, unseen];
  const result = partResultOf({ ...verdict, faults }, directory, null);
  const { markdown } = await play({ results: [result, passed] });
  expect(markdown).toContain(`; recovered after ${impactTexts(fault).recovered}.`);
  expect(markdown).toMatch(/`calm`: .*; recovery: no outage\./);
  expect(markdown).toMatch(/`unseen`: .*; recovery: not seen\./);
  // A record of an older squall has no such text.
  const older = { ...result, faults: result.faults.map(({ recovered: _, ...one }) => one) };
  expect((await play({ results: [older, passed] })).markdown).toContain('`calm`');
});

test('a drill that allows lost writes is told with what it allows', () => {
  const { verdict } = realisticRun('PASS').judgement;
  const few = { ...(verdict.writes as WritesResult), acknowledged: 9, lost: 3, result: 'PASS' as const };
  const { promises } = partResultOf(
    { ...verdict, writes: { ...few, allowed: { lost: 5, duplicated: 0 } } },
    directory,
    null,
  );
  expect(promises.find(({ name }) => name === 'writes')).toEqual({
    name: 'writes',
    target: 'at most 5 lost, 0 duplicated',
    measured: '3 of 9 lost, 0 duplicated',
    result: 'PASS',
  });
});

test.each(HOSTILE)('what people type stays text: %j', async (hostile) => {
  const started = { hypothesis: hostile, people: { [`lead ${hostile}`]: hostile } };
  const result = { ...passed, directory: `${directory}/${hostile}`.replaceAll('\0', ''), reasons: [hostile] };
  const { markdown } = await play({ answers: { '': `a${hostile}` }, started, results: [result, result] });
  const html = await marked.parse(markdown);
  const quiet = await marked.parse(
    (await play({ results: [passed, passed], answers: { '': 'a' } })).markdown,
  );
  const tags = (text: string) => new Set(text.match(/<\/?[a-z]+\d?/g));
  expect([...tags(html)].filter((tag) => !tags(quiet).has(tag) && !/<\/?(code|br)/.test(tag))).toEqual([]);
  expect(
    [...html.matchAll(/href="([^"]*)"/g)].map(([, to]) => to).filter((to) => /^[a-z]+:/i.test(to ?? '')),
  ).toEqual([]);
});

test('the record is read up to the line that was being written when squall was killed, and goes on after it', () => {
  const record = openRecord(directory, false, () => {});
  record.append(startedEvent());
  record.append({ type: 'waiting', part: 0 });
  record.close();
  appendFileSync(path.join(directory, 'gameday.jsonl'), '{"at":1,"event":{"type":"wai');
  expect(readRecord(directory).map(({ event }) => event.type)).toEqual(['gameday-started', 'waiting']);
  const again = openRecord(directory, true, () => {});
  again.append({ type: 'resumed' });
  again.close();
  expect(readRecord(directory).map(({ event }) => event.type)).toEqual([
    'gameday-started',
    'waiting',
    'resumed',
  ]);
});

test('a record that was changed, is there already or is missing is refused', () => {
  expect(() => readRecord(directory)).toThrow(/holds no game day/);
  const record = openRecord(directory, false, () => {});
  record.append(startedEvent());
  record.close();
  expect(() => openRecord(directory, false, () => {})).toThrow(RefusalError);
  const file = path.join(directory, 'gameday.jsonl');
  writeFileSync(file, `${readFileSync(file, 'utf8')}{"at":1,"event":{"type":"boom"}}\n`);
  expect(() => readRecord(directory)).toThrow(/line 2 is not one that squall writes/);
});

interface Play {
  readonly present?: boolean;
  /** By the beginning of the question; '' is for all others. */
  readonly answers?: Readonly<Record<string, string>>;
  readonly skip?: readonly number[];
  readonly results?: readonly PartResult[];
  readonly stopped?: string;
  readonly done?: ReadonlySet<number>;
  readonly started?: { readonly hypothesis?: string; readonly people?: Record<string, string> };
}

/** Two parts, with scripted people in the place of real ones and results in the place of drills. */
async function play({ present = true, answers = { 'Is it quiet?': 'yes', '': '' }, ...given }: Play) {
  const { skip = [], results = [passed, passed], stopped = null, done = new Set<number>() } = given;
  const events: GamedayEvent[] = [];
  let ended = 0;
  const answerTo = (question: string) =>
    Object.entries(answers).find(([start]) => start !== '' && question.startsWith(start))?.[1] ??
    answers[''] ??
    '';
  const people: People = {
    present,
    pause: async (what) => (skip.includes(what === 'first' ? 0 : 1) ? 'skip' : 'go'),
    async ask(question) {
      // Nobody has actions without end.
      if (question.startsWith('What else')) return '';
      return answerTo(question);
    },
    confirm: async (question) => ({
      ok: answerTo(question).startsWith('yes') || answerTo(question).startsWith('a'),
      answer: answerTo(question),
    }),
    say() {},
  };
  const plan: GamedayPlan = {
    ...{ name: 'autumn', before: ['Is it quiet?'], after: ['What went well?'], people, done },
    parts: ['first', 'second'].map((name) => ({
      name,
      hypothesis: 'it holds',
      pauseMs: null,
      ask: ['Who noticed?'],
    })),
    directoryOf: (part) => path.join(directory, String(part)),
    async run(part) {
      ended += 1;
      return results[part] as PartResult;
    },
    stopped: () => (ended > 0 ? stopped : null),
    write: (event) => events.push(event),
  };
  await runGameday(plan);
  const first = { ...startedEvent(), people: given.started?.people ?? {} };
  const parts = first.parts.map((part) => ({
    ...part,
    hypothesis: given.started?.hypothesis ?? part.hypothesis,
  }));
  const lines = [{ ...first, parts }, ...events].map((event, at) => ({
    at: 1_700_000_000_000 + at * 1000,
    event,
  }));
  const state = gamedayState(lines);
  return { events, state, outcome: state.outcome, markdown: gamedayMarkdown(lines, directory) };
}

function startedEvent(): GamedayStarted {
  return {
    type: 'gameday-started',
    ...{ id: 'x', name: 'autumn', environment: 'local', people: {}, asked: true },
    parts: ['first', 'second'].map((name) => ({
      ...{ name, drill: 'd.yaml', environment: 'local', hypothesis: 'it holds' },
    })),
  };
}
