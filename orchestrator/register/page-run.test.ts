import { expect, test } from 'vitest';
import type { Register } from '../../chaos/schema/register.ts';
import { measurePromises } from '../promises/measure.ts';
import type { MeasuredRun } from '../promises/measured-run.ts';
import { measureRegister } from './measure-register.ts';
import { pageMarkdown } from './page-markdown.ts';
import { measurePage } from './page-run.ts';

const register: Register = {
  systems: { shop: { title: 'The shop', owner: 'checkout', components: [] } },
  areas: {
    speed: {
      title: 'Speed | <b>',
      system: 'shop',
      promises: {
        'shop.p95': { bound: '< 100ms', by: [{ drill: 'spike', objective: 'p95' }] },
        'shop.p99': {
          bound: '< 200ms',
          parts: { 'in-town': { bound: '< 200ms', by: [{ drill: 'spike', objective: 'p99' }] } },
        },
      },
    },
    reporting: {
      title: 'Reporting',
      system: 'shop',
      promises: {
        page: {
          bound: 'a page',
          parts: {
            summary: { bound: 'first', by: [{ page: 'summary' }] },
            areas: { bound: 'whole', by: [{ page: 'areas' }] },
            aggregated: { bound: 'one', by: [{ page: 'aggregated' }] },
          },
        },
      },
    },
  },
};
const run = (name: string): MeasuredRun => {
  const row = { what: 'objective', phase: 'steady', measured: 42, result: 'PASS', reason: '' } as const;
  const rows = [
    { ...row, name: 'p95', target: 'p95 < 100ms' },
    { ...row, name: 'p99', target: 'p99 < 200ms' },
  ];
  return { kind: 'drill', name: 'spike', run: name, at: '2026-11-01T10:00:00.000Z', verdict: 'PASS', rows };
};
const runs = [run('a'), run('b')];
const page = { register, runs, rows: measurePromises(register, runs) };
const markdown = pageMarkdown(page);
const resultsOf = (text?: string) =>
  Object.fromEntries(
    measurePage(page, text).rows.map(({ name, result, reason }) => [name, `${result}: ${reason}`]),
  );

test('a whole page: the summary first, each promise with target and measured, all of it on one page', () => {
  expect(resultsOf()).toEqual({
    summary: 'PASS: 2 areas in the summary',
    areas: 'PASS: 7 promises and parts with target and measured',
    aggregated: 'PASS: 2 areas of 2 runs on one page',
  });
  const rows = measureRegister(register, runs);
  expect(rows.map(({ id, result }) => [id, result])).toEqual([
    ['shop.p95', 'PASS'],
    ['shop.p99', 'PASS'],
    ['page', 'PASS'],
  ]);
});

test.each([
  ['summary', '## Executive summary', '## Summary', 'FAIL: the page begins with "Summary"'],
  ['summary', /^\| Reporting \|.*\n/m, '', 'FAIL: the summary leaves out Reporting'],
  ['areas', /^## Speed/m, '## Spead', 'FAIL: Speed | <b> leaves out shop.p95'],
  ['areas', /^\| · in.*\n/m, '', 'FAIL: Speed | <b> leaves out part in-town'],
  [
    'areas',
    '| `shop.p95` | &lt; 100ms |',
    '| `shop.p95` | |',
    'FAIL: shop.p95 has no target, measurement or result',
  ],
  ['areas', /(`shop.p95` [^|]*\|[^|]*\|)[^|]*/, '$1 ', 'FAIL: shop.p95 has no target, measurement or result'],
  [
    'aggregated',
    /^\| All \| 3/m,
    '| All | 4',
    'FAIL: Promises: the areas make 3, all of them are said to be 4',
  ],
  ['aggregated', /^\| All \|.*\n/m, '', 'FAIL: nothing says what all areas are together'],
])('%s is missed when %s becomes %j', (name, is, becomes, expected) => {
  const damaged = markdown.replace(is, becomes);
  expect(damaged).not.toBe(markdown);
  expect(resultsOf(damaged)[name]).toBe(expected);
});

test('one run is nothing to put together', () => {
  const rows = measureRegister(register, [run('a')]);
  expect(rows.at(-1)).toMatchObject({ id: 'page', result: 'NOT MEASURED' });
});
