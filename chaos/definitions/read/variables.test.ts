import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { DefinitionError } from '../issues/definition-error.ts';
import { loadDrill } from '../load-drill.ts';

let work: string;
beforeEach(() => {
  work = mkdtempSync(path.join(os.tmpdir(), 'squall-variables-'));
});
afterEach(() => rmSync(work, { recursive: true }));

const DRILL = `name: rates
description: At \${RATE} requests a second
vars: { RATE: "1000" }
load: [{ scenario: spike, vars: { RATE: "\${RATE}" } }]
objectives:
  - { name: throughput, throughput: true, atLeast: "\${RATE}/s" }
`;

function put(text: string): string {
  const file = path.join(work, 'drill.yaml');
  writeFileSync(file, text);
  return file;
}

async function refusal(loading: Promise<unknown>): Promise<string> {
  const error = await loading.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(DefinitionError);
  return (error as Error).message;
}

test.each([
  [{}, '1000'],
  [{ RATE: '250' }, '250'],
])('with %j every text that names the rate has it, and so do the vars', async (given, rate) => {
  const { value } = await loadDrill(put(DRILL), given);
  expect(value).toMatchObject({
    description: `At ${rate} requests a second`,
    vars: { RATE: rate },
    load: [{ vars: { RATE: rate } }],
    objectives: [{ atLeast: `${rate}/s` }],
  });
});

test.each([
  [{ RATE: '100' }, { RATE: '100' }],
  [{ RATE: '1000' }, undefined],
  [{}, undefined],
])('with %j it says which differ from its file: %j', async (given, changed) => {
  expect((await loadDrill(put(DRILL), given)).changed).toEqual(changed);
});

test('a drill without vars keeps its texts', async () => {
  const { value } = await loadDrill(
    put(DRILL.replace(/^vars.*\n/m, '').replace(/atLeast.*\/s"/, 'atLeast: 1/s')),
  );
  // biome-ignore lint/suspicious/noTemplateCurlyInString: as in the file
  expect(value).toMatchObject({ description: 'At ${RATE} requests a second' });
});

test('a name that the drill does not have is refused, in the file with its place, and on the command line', async () => {
  const inFile = await refusal(loadDrill(put(DRILL.replace('RATE}/s', 'RAET}/s'))));
  expect(inFile).toContain('drill.yaml:6:');
  expect(inFile).toContain('objectives[0].atLeast: this drill has no variable RAET');
  expect(inFile).toContain('did you mean "RATE"?');
  expect(await refusal(loadDrill(put(DRILL), { RAET: '5' }))).toContain('did you mean "RATE"?');
  expect(await refusal(loadDrill(put(DRILL), { RATE: 'a\u0007b' }))).toContain('not short, visible text');
});

test('what does not fit with the given value is refused where it is used', async () => {
  const message = await refusal(loadDrill(put(DRILL), { RATE: 'fast' }));
  expect(message).toContain('objectives[0].atLeast: must be a rate');
});

test('a variable whose value names another is refused, in the file and from the command line', async () => {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: as in the file
  const made = DRILL.replace('RATE: "1000"', 'RATE: "1000", HALF: "${RATE}"');
  const inFile = await refusal(loadDrill(put(made)));
  expect(inFile).toContain('drill.yaml:3:');
  // biome-ignore lint/suspicious/noTemplateCurlyInString: as in the file
  expect(inFile).toContain('vars.HALF: a variable is not made of others, and the value of HALF has ${RATE}');
  // biome-ignore lint/suspicious/noTemplateCurlyInString: as on the command line
  expect(await refusal(loadDrill(put(DRILL), { RATE: '${RATE}' }))).toContain('vars.RATE: a variable is not');
  // biome-ignore lint/suspicious/noTemplateCurlyInString: as in the file
  const reference = DRILL.replace('RATE: "1000"', 'RATE: "1000", TOKEN: "${env:TOKEN}"');
  expect((await loadDrill(put(reference))).value.vars).toMatchObject({ RATE: '1000' });
});
