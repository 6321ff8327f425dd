import { expect, test } from 'vitest';
import { z } from 'zod';
import { type FaultKindName, faultKinds } from '../../chaos/faults/index.ts';
import { pages, tablesOf, textOf } from './markdown.ts';

/** By kind: what the pages say of its `params`, in all tables that have such a column. */
const told = new Map<string, string>();
for (const { header, rows } of pages().flatMap((page) => tablesOf(textOf(page)))) {
  const column = header.indexOf('`params`');
  if (header[0] !== 'kind' || column === -1) continue;
  for (const row of rows)
    for (const [, kind = ''] of (row[0] ?? '').matchAll(/`([\w-]+)`/g))
      told.set(kind, `${told.get(kind) ?? ''} ${row[column]}`);
}

test.each(Object.keys(faultKinds) as FaultKindName[])('a page says what `params` of %s there are', (kind) => {
  expect([...told.keys()]).toContain(kind);
  const { properties = {} } = z.toJSONSchema(faultKinds[kind].params, { io: 'input' });
  const untold = Object.keys(properties).filter(
    (name) => !new RegExp(`\`${name}[\`:]`).test(told.get(kind) ?? ''),
  );
  expect(untold).toEqual([]);
});

test.each([
  ['docs/drills.md', /`lastHealthy: true` \| .*last healthy replica/],
  ['docs/drills.md', /`kill` does not start anything again: a supervisor has to/],
  ['docs/environments.md', /Paths are relative to/],
])('%s says what newcomers looked for in the source: %s', (page, text) => {
  expect(textOf(page)).toMatch(text);
});
