import { createHash } from 'node:crypto';
import { type DefaultTreeAdapterTypes, parse } from 'parse5';
import { expect, it } from 'vitest';
import { chartAssets } from './browser-assets.ts';
import { runFacts } from './facts.ts';
import { firstSeconds, realisticRun } from './fixtures/realistic.ts';
import { timelineData } from './html/timeline-data.ts';
import { renderHtml } from './html.ts';

type Element = DefaultTreeAdapterTypes.Element;

const { judgement, run } = firstSeconds(realisticRun('FAIL'), 20);
const facts = runFacts(run);

it('allows exactly the script that it carries, and nothing from anywhere else', async () => {
  const assets = await chartAssets();
  const elements = elementsOf(renderHtml(judgement, facts, assets));
  const policy = attribute(
    elements.find((one) => attribute(one, 'http-equiv') === 'Content-Security-Policy'),
    'content',
  );
  const [script] = elements
    .filter((one) => one.tagName === 'script' && attribute(one, 'type') === undefined)
    .map(textOf);
  expect(script).toContain('u-select');
  expect(policy).toContain(
    `script-src 'sha256-${createHash('sha256')
      .update(script ?? '')
      .digest('base64')}'`,
  );
  expect(policy).toMatch(/^default-src 'none';/);
  const references = elements.flatMap((one) =>
    one.attrs.filter(({ name }) =>
      ['src', 'href', 'srcset', 'action', 'data', 'poster', 'xlink:href', 'style'].includes(name),
    ),
  );
  const places = elements.map((one) => `#${attribute(one, 'id')}`);
  expect(references.map(({ value }) => value).filter((value) => !places.includes(value))).toEqual([]);
  expect(
    elements.filter((one) => ['link', 'iframe', 'object', 'embed', 'base', 'form'].includes(one.tagName)),
  ).toEqual([]);
});

it('says the same without its script: verdict, reasons, picture and every table', () => {
  const elements = elementsOf(renderHtml(judgement, facts, null));
  expect(elements.filter((one) => one.tagName === 'script').map((one) => attribute(one, 'type'))).toEqual([
    'application/json',
  ]);
  expect(textOf(elements.find((one) => one.tagName === 'h1'))).toMatch(/FAIL\s+spike/);
  expect(
    elements.filter((one) => one.tagName === 'path' && attribute(one, 'class')?.startsWith('line ')),
  ).toHaveLength(7);
  const text = textOf(elements[0]);
  for (const reason of judgement.verdict.reasons) expect(text).toContain(reason);
  for (const id of judgement.verdict.writes?.lostIds ?? []) expect(text).toContain(id);
});

it('gives every table a caption and header cells for its columns and rows', () => {
  const tables = elementsOf(renderHtml(judgement, facts, null)).filter((one) => one.tagName === 'table');
  expect(tables.length).toBeGreaterThan(5);
  for (const table of tables) {
    const inside = elementsIn(table);
    expect(inside.filter((one) => one.tagName === 'caption')).toHaveLength(1);
    const rows = inside.filter((one) => one.tagName === 'tr').slice(1);
    expect(rows.length).toBeGreaterThan(0);
    for (const row of rows)
      expect(elementsIn(row).filter((one) => attribute(one, 'scope') === 'row')).toHaveLength(1);
  }
});

it('renders a run without samples, faults or journal', () => {
  const empty = {
    verdict: {
      ...judgement.verdict,
      verdict: 'INVALID' as const,
      phases: [],
      objectives: [],
      faults: [],
      probes: [],
      writes: null,
      budget: [],
      residue: [],
    },
    series: { startAt: 0, seconds: [], byName: {} },
  };
  const page = renderHtml(empty, runFacts({ directory: '', lines: [], damage: 'line 3 was changed' }), null);
  expect(page).toContain('No samples');
  expect(page).toContain('DAMAGED: line 3 was changed');
  expect(page).not.toMatch(/NaN|undefined|Infinity/);
});

it('merges a long run into a bounded number of points that keep the worst percentile and the mean rate', () => {
  const seconds = Array.from({ length: 90_000 }, (_, index) => ({
    requests: 10,
    errors: 2,
    dropped: 1,
    p50: 1,
    p95: 2,
    p99: index === 77_777 ? 900 : 3,
  }));
  const data = timelineData({ ...judgement, series: { ...judgement.series, seconds, byName: {} } }, facts);
  expect(data.times.length).toBeLessThanOrEqual(3600);
  expect(data.step).toBe(25);
  const [all] = data.groups;
  expect(Math.max(...(all?.p99 ?? []).map(Number))).toBe(900);
  expect(new Set(all?.requests)).toEqual(new Set([10]));
  expect(new Set(all?.failed)).toEqual(new Set([1]));
  expect(new Set(all?.bad)).toEqual(new Set([18.182]));
});

it('draws a promise where its requests are drawn, and nowhere else', () => {
  const groups = timelineData(judgement, facts).groups.map(({ name, limits }) => [
    name,
    limits.map((one) => one.label),
  ]);
  expect(Object.fromEntries(groups)).toEqual({
    'All requests': ['p99 < 200 ms'],
    'GET /health': ['p95 < 100 ms'],
    'GET /api/projects': [],
    'POST /api/projects': [],
    'POST /api/ai/generate-beat': [],
  });
});

it('shows a fault without evidence as an attempt, never as a window', () => {
  const invalid = realisticRun('INVALID');
  const lanes = timelineData(invalid.judgement, runFacts(invalid.run)).lanes;
  expect(lanes[2]?.bars.map((bar) => bar.kind)).toEqual(['unproven']);
  expect(lanes[3]?.bars.map((bar) => bar.kind)).toEqual(['fault', 'recovery', 'outage']);
});

it('claims nothing about what followed from a fault that was not seen to be in', () => {
  const invalid = realisticRun('INVALID');
  const cards = elementsOf(renderHtml(invalid.judgement, runFacts(invalid.run), null)).filter((one) =>
    attribute(one, 'class')?.startsWith('fault '),
  );
  const [unproven, ...proven] = cards
    .toSorted(
      (a, b) =>
        Number(attribute(b, 'class') === 'fault invalid') - Number(attribute(a, 'class') === 'fault invalid'),
    )
    .map(textOf);
  expect(unproven).toContain('no evidence within 30 s');
  expect(unproven).not.toMatch(/Downtime|Failed requests|no outage/);
  for (const card of proven) expect(card).toMatch(/Downtime.*± 5 ms/s);
});

it('hides the values of variables whose names say secret', () => {
  const [first, ...others] = run.lines;
  if (first?.event.type !== 'run-started') throw new Error('the fixture starts with run-started');
  const load = [
    { scenario: 'spike', vars: { RATE: '1000', API_TOKEN: 'canary-1', DB_PASSWORD: 'canary-2' } },
  ];
  const lines = [{ ...first, event: { ...first.event, drill: { ...first.event.drill, load } } }, ...others];
  const page = renderHtml(judgement, runFacts({ ...run, lines }), null);
  expect(page).toContain('RATE=1000');
  expect(page).not.toContain('canary');
});

function elementsOf(page: string): Element[] {
  return elementsIn(parse(page));
}

function elementsIn(node: DefaultTreeAdapterTypes.ParentNode): Element[] {
  return node.childNodes.flatMap((child) => ('tagName' in child ? [child, ...elementsIn(child)] : []));
}

function attribute(element: Element | undefined, name: string): string | undefined {
  return element?.attrs.find((one) => one.name === name)?.value;
}

function textOf(node: DefaultTreeAdapterTypes.Node | undefined): string {
  if (node === undefined) return '';
  if ('value' in node) return node.value;
  return 'childNodes' in node ? node.childNodes.map(textOf).join('') : '';
}
