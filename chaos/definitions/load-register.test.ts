import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { loadRegister, registerOf } from './load-register.ts';
import { validateFiles } from './validate-files.ts';

const directory = mkdtempSync(path.join(tmpdir(), 'squall-register-'));
afterAll(() => rmSync(directory, { recursive: true }));

const HEAD = `systems:
  shop: { title: The shop, owner: checkout }
areas:
  speed:
    title: Speed
    system: shop
    promises:
`;
const file = path.join(directory, 'register.yaml');
const put = (text: string) => {
  writeFileSync(file, text);
  return file;
};
const refusalOf = async (text: string) => {
  const error = await loadRegister(put(text)).catch((one: Error) => one);
  return error instanceof Error ? error.message : 'accepted';
};

test('a register is found in the working directory, and told apart by validate; elsewhere there is none', async () => {
  put(`${HEAD}      a: { bound: < 1s, notMeasured: not built yet }\n`);
  const { output, ok } = await validateFiles([file]);
  expect(ok).toBe(true);
  expect(output).toContain('ok, register, 1 area, 1 promise');
  expect(await registerOf(directory)).toBeNull();
  expect((await registerOf(process.cwd()))?.value.areas['golden-signals']?.title).toBe('Golden signals');
});

test.each([
  ['a: { bound: < 1s }', ':8:', 'say either `parts:`, or `by:` and `notMeasured:`'],
  [
    'a: { bound: < 1s, parts: { b: { bound: < 1s } } }',
    ':8:',
    'say `by:`, or `notMeasured:` with the reason',
  ],
  ['a: { bound: < 1s, by: [{ told: datadoc }] }', ':8:', 'datadog'],
  ['a: { bound: < 1s, by: [{ page: summary, drill: x }] }', ':8:', 'leave out `drill:`'],
  ['a: { bound: < 1s, by: [{ drill: x, objektive: y }] }', ':8:42', 'did you mean "objective"?'],
  ['a: { bound: < 1s, by: [{ drill: x }] }', ':8:', 'say exactly one of `objective:`, `expectation:`'],
  [
    'a: { bound: < 1s, by: [{ scenario: x, probe: y }] }',
    ':8:',
    'say `drill:` for an expectation, a probe or the writes',
  ],
  ...['scenario: x', 'gate: x, check: y'].map((where): [string, string, string] => [
    `a: { bound: < 1s, by: [{ ${where}, environment: staging${where.startsWith('s') ? ', objective: y' : ''} }] }`,
    ':8:',
    'leave out `environment:`, or say `drill:`',
  ]),
  ['a: { bound: < 1s, by: [{ check: y }] }', ':8:', 'say both `gate:` and `check:`'],
  [
    'a: { bound: < 1s, by: [{ drill: x, expectation: lost.recover }] }',
    ':8:',
    'write for example primary-lost.recoverWithin',
  ],
  ['a: { bound: < 1s, by: [], notMeasured: no }', ':8:', 'must not be empty'],
  ['a: { bound: < 1s, parts: {} }', ':8:', 'add a part'],
  ['a: { bound: < 1s, system: chop, notMeasured: no }', ':8:33', 'did you mean "shop"?'],
  ['a b: { bound: < 1s, notMeasured: no }', ':8:7', 'rename it, for example checkout.latency.p95'],
  ['a: { bund: < 1s, notMeasured: no }', ':8:', 'did you mean "bound"?'],
])('%s is refused, with its place and the way out', async (promise, place, fix) => {
  const message = await refusalOf(`${HEAD}      ${promise}\n`);
  expect(message).toContain(`register.yaml${place}`);
  expect(message).toContain(fix);
});

test('two promises with one id, in whatever areas, are refused', async () => {
  const a = '      a: { bound: < 1s, notMeasured: no }\n';
  const message = await refusalOf(
    `${HEAD}${a}  more:\n    title: More\n    system: shop\n    promises:\n${a}`,
  );
  expect(message).toContain(':13:7');
  expect(message).toContain('another promise has this id (line 8)');
});

test('a promise without a system is refused', async () => {
  const message = await refusalOf(
    HEAD.replace('    system: shop\n', '').concat('      a: { bound: x, notMeasured: no }\n'),
  );
  expect(message).toContain('this promise belongs to no system');
});
