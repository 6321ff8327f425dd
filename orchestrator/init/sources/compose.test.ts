// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Compose fills these in
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readSource } from './read-source.ts';

let cwd: string;
beforeEach(() => {
  cwd = mkdtempSync(path.join(os.tmpdir(), 'squall-compose-'));
});
afterEach(() => rmSync(cwd, { recursive: true, force: true }));

/** The services of a compose file, with the shell and the `.env` beside it. */
async function services(lines: readonly string[], env: Record<string, string> = {}, dotEnv = '') {
  writeFileSync(path.join(cwd, 'compose.yaml'), ['services:', ...lines].join('\n'));
  writeFileSync(path.join(cwd, '.env'), dotEnv);
  const options = { cwd, url: undefined, writes: false, env };
  return (await readSource('compose.yaml', options)).compose?.services ?? [];
}

test.each([
  ['${A}', '8001'],
  ['$A', '8001'],
  ['${A:-1}', '8001'],
  ['${NO:-8002}', '8002'],
  ['${EMPTY:-8003}', '8003'],
  ['${NO-8004}', '8004'],
  ['${A:+8005}', '8005'],
  ['${EMPTY+8006}', '8006'],
  ['${A:?it is missing}', '8001'],
  ['${A?it is missing}', '8001'],
  ['${NO:-${ALSO_NO:-8007}}', '8007'],
  ['80${LAST}', '8008'],
])('%s is filled in, in both syntaxes of a port', async (text, port) => {
  const env = { A: '8001', EMPTY: '', LAST: '08' };
  const [short, long] = await services(
    [
      `  web: { ports: ["${text}:80"] }`,
      `  api: { ports: [{ published: "${text}", target: "\${NO:-81}" }] }`,
    ],
    env,
  );
  expect([short?.ports, long?.ports]).toEqual([
    [{ host: Number(port), container: 80 }],
    [{ host: Number(port), container: 81 }],
  ]);
});

test.each(['${EMPTY-8000}', '${NO:?it is missing}', '${EMPTY:+8000}', '$$A'])(
  '%s is no port',
  async (text) => {
    const env = { A: '8001', EMPTY: '' };
    const [one] = await services([`  web: { ports: ["${text}:80"] }`, '  b: { ports: ["1:1"] }'], env);
    expect(one?.ports).toEqual([]);
  },
);

test('variables come from .env, too; the shell wins over it', async () => {
  const lines = ['  web: { ports: ["${A}:1", "${B}:2", "${C}:3", "${D}:4"] }'];
  const dotEnv = '# ports\nA=8001 # of the web\nexport B="8002"\nC=1\nD=80${END:-04}\n';
  const [web] = await services(lines, { C: '8003' }, dotEnv);
  expect(web?.ports.map(({ host }) => host)).toEqual([8001, 8002, 8003, 8004]);
});

test('services of a profile are passed over that nobody asks for', async () => {
  const lines = [
    '  web: { profiles: [debug], ports: ["8001:80"] }',
    '  app: { profiles: [ci, all], ports: ["8002:80"] }',
    '  plain: { ports: ["8003:80"] }',
  ];
  const names = async (env: Record<string, string>, dotEnv = '') =>
    (await services(lines, env, dotEnv)).map(({ name }) => name);
  expect(await names({})).toEqual(['plain']);
  expect(await names({}, 'COMPOSE_PROFILES=x, all')).toEqual(['app', 'plain']);
  expect(await names({ COMPOSE_PROFILES: '*' })).toEqual(['web', 'app', 'plain']);
});
