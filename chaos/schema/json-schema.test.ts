import { readdirSync, readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { jsonSchemas } from './json-schema.ts';

const read = (file: string) => readFileSync(new URL(file, import.meta.url), 'utf8');
const validator = (schema: object) => new Ajv2020({ strict: false, allErrors: true }).compile(schema);

it('the committed schemas are the ones that the code has (vitest -u writes them)', async () => {
  const { drill, environment, suite, register, requests, gameday } = jsonSchemas();
  await expect(`${JSON.stringify(drill, null, 2)}\n`).toMatchFileSnapshot('./drill.schema.json');
  await expect(`${JSON.stringify(environment, null, 2)}\n`).toMatchFileSnapshot('./environment.schema.json');
  await expect(`${JSON.stringify(requests, null, 2)}\n`).toMatchFileSnapshot('./requests.schema.json');
  await expect(`${JSON.stringify(suite, null, 2)}\n`).toMatchFileSnapshot('./suite.schema.json');
  await expect(`${JSON.stringify(register, null, 2)}\n`).toMatchFileSnapshot('./register.schema.json');
  await expect(`${JSON.stringify(gameday, null, 2)}\n`).toMatchFileSnapshot('./gameday.schema.json');
});

it('editors accept every shipped drill, environment and suite, and find the schema by the line at the top', () => {
  const { drill, environment, suite, gameday } = jsonSchemas();
  for (const [folder, schema] of [
    ['drills', drill],
    ['environments', environment],
    ['suites', suite],
    ['gamedays', gameday],
  ] as const) {
    const fits = validator(schema);
    const files = readdirSync(new URL(`../${folder}/`, import.meta.url)).filter((file) =>
      file.endsWith('.yaml'),
    );
    for (const file of files) {
      const text = read(`../${folder}/${file}`);
      expect([file, fits(parse(text)), fits.errors]).toEqual([file, true, null]);
      const line = `# yaml-language-server: $schema=../schema/${folder.slice(0, -1)}.schema.json\n`;
      expect([file, text.includes(line)]).toEqual([file, true]);
    }
  }
});

it('editors see unknown keys, wrong types and wrong units', () => {
  const fits = validator(jsonSchemas().drill);
  const good = { name: 'a', load: [{ scenario: 'spike' }], objectives: [{ use: 'gateway' }] };
  expect(fits(good)).toBe(true);
  expect(fits({ ...good, lod: [] })).toBe(false);
  expect(fits({ ...good, steady: { for: 15 } })).toBe(false);
  expect(fits({ ...good, steady: { for: '15 s' } })).toBe(false);
  expect(fits({ ...good, faults: [{ name: 'x', kind: 'explode', component: 'a', at: '20s' }] })).toBe(false);
});
