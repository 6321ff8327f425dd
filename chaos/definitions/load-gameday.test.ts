import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { DefinitionError } from './issues/definition-error.ts';
import { loadGameday } from './load-gameday.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(path.join(os.tmpdir(), 'squall-gameday-'));
  writeFileSync(
    path.join(directory, 'quiet.yaml'),
    `name: quiet\nload: [{ scenario: spike, vars: { RATE: "\${RATE}" } }]\nvars: { RATE: "10" }\nobjectives: [{ use: gateway }]\n`,
  );
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

test('the shipped game days are good', async () => {
  const { value } = await loadGameday('gateway', process.cwd());
  expect(value.parts.map(({ name, pause }) => [name, pause])).toEqual([
    ['gateway-kill', 'people'],
    ['gateway-freeze', 'people'],
  ]);
});

test('a part has the name of its drill, a pause in milliseconds, and paths that are relative to the file', async () => {
  const { value } = await load('{ drill: quiet.yaml, hypothesis: h, pause: 30s, env: ./lab.yaml }');
  expect(value.parts[0]).toMatchObject({
    ...{ name: 'quiet', pause: 30_000 },
    ...{ drill: path.join(directory, 'quiet.yaml'), env: path.join(directory, 'lab.yaml') },
  });
});

test.each([
  ['{ drill: quiet.yaml }', /day\.yaml:2.*hypothesis/s],
  ['{ drill: quiet.yaml, hypothesis: " " }', /hypothesis/],
  ['{ drill: missing.yaml, hypothesis: h }', /missing\.yaml/],
  ['{ drill: quiet.yaml, hypothesis: h, pause: soon }', /must be "people" or a duration/],
  ['{ drill: quiet.yaml, hypothesis: h, pauze: 30s }', /pauze.*pause/s],
  ['{ drill: quiet.yaml, hypothesis: h, vars: { RAT: "5" } }', /RAT/],
  [
    '{ drill: quiet.yaml, hypothesis: h }, { drill: quiet.yaml, hypothesis: h }',
    /another part has this name.*own `name:`/s,
  ],
])('%s is refused with its place', async (part, message) => {
  const error = await load(part).catch((thrown: Error) => thrown);
  expect(error).toBeInstanceOf(DefinitionError);
  expect((error as Error).message).toMatch(message);
});

function load(part: string) {
  const file = path.join(directory, 'day.yaml');
  writeFileSync(file, `name: day\nparts: [${part}]\n`);
  return loadGameday(file, process.cwd());
}
