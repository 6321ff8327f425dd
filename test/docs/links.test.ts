import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { anchorsIn, linksIn, pages, root, rowsOf, textOf } from './markdown.ts';

test.each(pages())('every relative link of %s leads somewhere', (page) => {
  const dead = linksIn(textOf(page)).filter((link) => !/^[a-z]+:/.test(link) && !resolves(page, link));
  expect(dead).toEqual([]);
});

test('each page under docs/ is one click away from the README', () => {
  const linked = linksIn(textOf('README.md')).map((link) => link.split('#')[0]);
  const missing = pages().filter((page) => page.startsWith('docs/') && !linked.includes(page));
  expect(missing).toEqual([]);
});

test('each scenario is in exactly one table', () => {
  const cells = pages().flatMap((page) => rowsOf('scenario', textOf(page)).map((cell) => ({ page, cell })));
  const tables = scenarios().map((name) => [
    name,
    cells.filter(({ cell }) => cell === `\`${name}\``).map(({ page }) => page),
  ]);
  expect(tables).toEqual(scenarios().map((name) => [name, ['docs/load.md']]));
});

test('the README is short enough to be read', () => {
  expect(textOf('README.md').split('\n').length).toBeLessThanOrEqual(200);
});

test('dead links, dead anchors and repeated headings are told from good ones', () => {
  const page = 'docs/made-up.md';
  expect(resolves(page, '../README.md')).toBe(true);
  expect(resolves(page, '../README.md#the-verdict')).toBe(true);
  expect(resolves(page, '../README.md#no-such-heading')).toBe(false);
  expect(resolves(page, 'no-such-page.md')).toBe(false);
  expect([...anchorsIn('# `a` b: c\n\n# A [link](x.md)\n\n# A link\n')]).toEqual([
    'a-b-c',
    'a-link',
    'a-link-1',
  ]);
  expect(linksIn('[a](b.md) and ![c](d.png)\n\n| x |\n|---|\n| [e](f.md#g) |\n')).toEqual([
    'b.md',
    'd.png',
    'f.md#g',
  ]);
});

function resolves(page: string, link: string): boolean {
  const [file = '', anchor] = link.split('#');
  const target = file === '' ? page : path.posix.join(path.posix.dirname(page), decodeURI(file));
  if (target.startsWith('..') || !existsSync(path.join(root, target))) return false;
  return anchor === undefined || anchorsIn(textOf(target)).has(anchor);
}

function scenarios(): string[] {
  return readdirSync(path.join(root, 'scenarios'))
    .filter((file) => /^[\w-]+\.ts$/.test(file))
    .map((file) => file.slice(0, -'.ts'.length));
}
