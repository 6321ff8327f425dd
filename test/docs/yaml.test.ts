import { expect, test } from 'vitest';
import { parseDocument } from 'yaml';
import { drill } from '../../chaos/schema/drill.ts';
import { environment } from '../../chaos/schema/environment.ts';
import { gameday } from '../../chaos/schema/gameday.ts';
import { register } from '../../chaos/schema/register.ts';
import { requestFile } from '../../chaos/schema/requests.ts';
import { suite } from '../../chaos/schema/suite.ts';
import { blocksIn, pages, textOf } from './markdown.ts';

/** Of a suite there are only whole examples: zod makes no part of a schema with rules across its keys. */
const ours = [
  ...[drill, environment, gameday, register, requestFile].map((one) => ({
    shape: one.shape as object,
    part: one.partial(),
  })),
  { shape: suite.shape as object, part: suite },
];
/** By a key that tells each: files of GitHub, Alertmanager, kustomize. A list at the top is one of rules for Prometheus. */
const ofOthers = ['jobs', 'permissions', 'route', 'resources'];

const examples = pages().flatMap((page) =>
  blocksIn(textOf(page), 'yaml').map((text) => ({ page, first: text.split('\n', 1)[0], text })),
);

test.each(examples)('$page, "$first": squall takes it', ({ text }) => {
  expect(mistakesIn(text)).toEqual([]);
});

test('an example with a mistake is found', () => {
  expect(mistakesIn('probes: [{ query: sum(rate(a[1m])) }]')).not.toEqual([]);
  expect(mistakesIn('steady: { fro: 10s }')).not.toEqual([]);
  expect(mistakesIn('compnents: {}')).not.toEqual([]);
  expect(mistakesIn('steady: { for: 10s }\nallow: { kinds: [kill] }')).not.toEqual([]);
  expect(mistakesIn('steady: { for: 10s }')).toEqual([]);
});

/** What is wrong with a whole file or a part of one, as the schema nearest to it says. */
function mistakesIn(text: string): string[] {
  const document = parseDocument(text);
  if (document.errors.length > 0) return document.errors.map(({ message }) => message);
  const data: unknown = document.toJS();
  if (Array.isArray(data)) return [];
  const keys = Object.keys(data as object);
  if (keys.some((key) => ofOthers.includes(key))) return [];
  const fitting = ours.filter(({ shape }) => keys.every((key) => key in shape));
  if (fitting.length === 0) return [`no file of squall's has all of ${keys.join(', ')}`];
  const tried = fitting.map(({ part }) => part.safeParse(data));
  if (tried.some(({ success }) => success)) return [];
  return tried.flatMap(({ error }) => error?.issues.map((i) => `${i.path.join('.')}: ${i.message}`) ?? []);
}
