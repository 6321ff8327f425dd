import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import { k6OfEachMajor } from '../../../test/k6.ts';
import { recordedCsv } from '../../samples/recording/recorded-csv.ts';
import type { K6Binary, LoadExit, LoadShape } from '../runner.ts';
import { k6Runner } from './runner.ts';

const majors = await k6OfEachMajor();
const server = createServer((_, response) => response.end('ok'));
let url = '';
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => void server.close());

interface Ran {
  readonly planned: LoadShape;
  readonly exit: LoadExit;
  /** What the script said. */
  readonly log: string;
  /** Its samples, as k6 wrote them. */
  readonly csv: string;
  readonly directory: string;
}

/** Inspects and runs a script, as a drill would. */
async function run(
  k6: K6Binary,
  text: string,
  vars: Record<string, string> = {},
  more: { readonly judgesThresholds?: boolean } = {},
): Promise<Ran> {
  const directory = mkdtempSync(path.join(os.tmpdir(), 'squall-k6-test-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const script = path.join(directory, 'script.js');
  writeFileSync(script, text);
  const { least, ...shape } = await k6Runner.inspect({ k6, script, vars });
  const recording = path.join(directory, 'samples.squall.gz');
  const load = await k6Runner.start({
    k6,
    run: 'a-run',
    load: { ...shape, runner: k6Runner.name, script, foreign: true, judgesThresholds: true, ...more, vars },
    index: 0,
    directory,
    redact: (line) => line,
    samples: { recording, steadyWindowMs: 1_000, objectives: [], stop: [], secrets: [] },
  });
  load.go();
  const exit = await load.ended;
  await load.samples.finish();
  load.close();
  const csv: Buffer[] = [];
  for await (const piece of recordedCsv(recording).pieces) csv.push(Buffer.from(piece));
  const log = readFileSync(path.join(directory, 'k6-0.log'), 'utf8');
  return { planned: { least, ...shape }, exit, log, csv: String(Buffer.concat(csv)), directory };
}

const SAYS_WHAT_IT_SEES = `
import exec from 'k6/execution';
export const options = { scenarios: {
  one: { executor: 'per-vu-iterations', vus: 1, iterations: Number(__ENV.COUNT || 1), maxDuration: __ENV.MAX || '7s' },
  two: { executor: 'constant-vus', vus: 1, duration: '1s', exec: 'two' } } };
export function setup() { return 'set up'; }
export default function (data) {
  console.log('SEEN ' + JSON.stringify({ env: __ENV, data, scenarios: Object.keys(exec.test.options.scenarios) }));
}
export function two() { exec.test.options; for (const end = Date.now() + 200; Date.now() < end; ) ; }
`;

function seenIn(log: string): { env: Record<string, string>; data: unknown; scenarios: string[] } {
  const line = log.split('\n').find((one) => one.includes('SEEN ')) ?? '{}';
  return JSON.parse(JSON.parse(line).msg.slice('SEEN '.length));
}

for (const { major, k6 } of majors) {
  const it = test.skipIf(k6 === null);

  it(`k6 ${major}: neither the shell nor a file in the user's home changes the load or hides its variables`, async () => {
    if (k6 === null) return;
    const home = mkdtempSync(path.join(os.tmpdir(), 'squall-home-'));
    onTestFinished(() => {
      vi.unstubAllEnvs();
      rmSync(home, { recursive: true });
    });
    const config = path.join(home, 'mine.json');
    for (const folder of ['.config/k6', '.config/loadimpact/k6', 'xdg/k6']) {
      mkdirSync(path.join(home, folder), { recursive: true });
      writeFileSync(path.join(home, folder, 'config.json'), '{"vus":7,"iterations":9}');
    }
    writeFileSync(config, '{"vus":7,"iterations":9,"noSetup":true}');
    const shell = {
      HOME: home,
      K6_VUS: '5',
      K6_DURATION: '6s',
      K6_ITERATIONS: '3',
      K6_STAGES: '1s:1',
      K6_OUT: `json=${path.join(home, 'out.json')}`,
      K6_NO_SETUP: 'true',
      K6_SYSTEM_TAGS: 'vu',
      K6_INCLUDE_SYSTEM_ENV_VARS: 'false',
      COUNT: '9',
      OF_THE_SHELL: 'x',
      SQUALL_TRIAL: 'of this test',
    };
    for (const where of [{ K6_CONFIG: config }, { XDG_CONFIG_HOME: path.join(home, 'xdg') }, {}]) {
      vi.unstubAllEnvs();
      for (const [name, value] of Object.entries({ ...shell, ...where })) vi.stubEnv(name, value);
      const { planned, exit, log } = await run(k6, SAYS_WHAT_IT_SEES, { COUNT: '2', _ODD: '1' });
      expect(exit).toMatchObject({ exitCode: 0, scriptErrors: 0 });
      expect(planned.iterationsToKnow).toMatchObject({ one: 2, two: expect.any(Number) });
      const { env, data, scenarios } = seenIn(log);
      expect(scenarios.sort()).toEqual(['one', 'two']);
      expect(data).toBe('set up');
      expect(env).toMatchObject({ COUNT: '2', _ODD: '1', SQUALL_TRIAL: 'of this test' });
      expect(env).not.toHaveProperty('OF_THE_SHELL');
      expect(env).not.toHaveProperty('K6_VUS');
    }
  });

  it(`k6 ${major}: what the drill says to k6 counts, planned as it is run, and takes no variables from the script`, async () => {
    if (k6 === null) return;
    const vars = { K6_ITERATIONS: '2', K6_VUS: '1', K6_INCLUDE_SYSTEM_ENV_VARS: 'false', GREETING: 'hello' };
    const { planned, log } = await run(k6, SAYS_WHAT_IT_SEES, vars);
    expect(planned.iterationsToKnow).toEqual({ default: 2 });
    expect(seenIn(log)).toMatchObject({ scenarios: ['default'], env: { GREETING: 'hello' } });
  });

  it(`k6 ${major}: what scenarios throw is counted by their names and seconds, setup() and teardown() without one`, async () => {
    if (k6 === null) return;
    const began = Math.floor(Date.now() / 1000);
    const { exit } = await run(
      k6,
      `import { sleep } from 'k6';
      export const options = { scenarios: {
        well: { executor: 'per-vu-iterations', vus: 1, iterations: 4, exec: 'well' },
        throws: { executor: 'per-vu-iterations', vus: 1, iterations: 3, exec: 'throws' },
        json: { executor: 'per-vu-iterations', vus: 2, iterations: 1, exec: 'json' } } };
      export function well() { console.error('{"level":"error","source":"stacktrace","scenario":"throws"}'); }
      export function throws() { sleep(0.5); throw new Error('boom "source":"console"'); }
      export function json() { JSON.parse(''); }
      export function teardown() { throw new Error('at the end'); }`,
    );
    const sums = new Map<string, number>();
    for (const { scenario, second, count } of exit.thrown ?? []) {
      expect(second).toBeGreaterThanOrEqual(began);
      expect(second).toBeLessThanOrEqual(Date.now() / 1000);
      sums.set(scenario, (sums.get(scenario) ?? 0) + count);
    }
    expect(Object.fromEntries(sums)).toEqual({ throws: 3, json: 2, '': 1 });
    expect(exit.scriptErrors).toBe(6);
    // Of an iteration, not of teardown().
    expect(exit.firstThrown).toMatch(/Error: /);
    expect(exit.firstThrown).not.toMatch(/at teardown/);
    expect(exit.exitCode).toBe(107);
    expect(exit.lastError).toMatch(/^Error: at the end\n\s+at teardown \(/);
    expect(
      new Set(exit.thrown?.filter(({ scenario }) => scenario === 'throws').map((one) => one.second)).size,
    ).toBeGreaterThan(1);
  });

  it(`k6 ${major}: a setup() that throws ends it with an error that says where`, async () => {
    if (k6 === null) return;
    const { exit } = await run(
      k6,
      `export function setup() { throw new Error('no seed data'); }
      export default function () {}`,
    );
    expect(exit).toMatchObject({ exitCode: 107, scriptErrors: 1 });
    expect(exit.lastError).toMatch(/^Error: no seed data\n\s+at setup \(/);
  });

  it(`k6 ${major}: tags that the script switched off and the judge needs are there, others stay as they were`, async () => {
    if (k6 === null) return;
    const script = (tags: string) => `
      import http from 'k6/http';
      export const options = { vus: 1, iterations: 1${tags} };
      export function setup() { http.get('${url}/seed', { tags: { name: 'seed' } }); }
      export default function () { http.get('${url}/', { tags: { name: 'load' } }); }`;
    for (const [tags, kept, off] of [
      ["systemTags: ['status', 'ip']", ['ip'], ['url', 'proto', 'tls_version']],
      ['systemTags: []', [], ['url', 'proto', 'ip']],
      ["tags: { mine: 'x' }", ['url', 'proto', 'tls_version', 'service', 'subproto'], ['ip', 'vu']],
    ] as const) {
      const { csv } = await run(k6, script(`, ${tags}`));
      const [header = '', ...lines] = csv.split('\n');
      const columns = header.split(',');
      const needed = ['name', 'method', 'status', 'scenario', 'group', 'check', 'error', 'error_code'];
      expect(columns).toEqual(expect.arrayContaining([...needed, 'expected_response', ...kept]));
      for (const tag of off) expect(columns).not.toContain(tag);
      const requests = lines.map((line) => line.split(',')).filter(([metric]) => metric === 'http_reqs');
      const read = (tag: string) => requests.map((fields) => fields[columns.indexOf(tag)]);
      expect(read('name')).toEqual(['seed', 'load']);
      expect(read('group')).toEqual(['::setup', '']);
      expect(read('scenario')).toEqual(['', 'default']);
    }
  });
}

const NEVER_KEPT = `
export const options = { iterations: 1, thresholds: { iterations: ['count>1'] } };
export default function () {}
`;

for (const { major, k6 } of majors)
  test.skipIf(k6 === null).each([
    [true, 99],
    [false, 0],
  ])(
    `on k6 ${major}, with its own thresholds judged: %s, it ends with %i`,
    async (judgesThresholds, code) => {
      const { exit } = await run(k6 as K6Binary, NEVER_KEPT, {}, { judgesThresholds });
      expect(exit.exitCode).toBe(code);
    },
  );

const NOBODY_SAYS_VUS = ['iterations: 3', "duration: '1s'", "stages: [{ duration: '1s', target: 1 }]"];

for (const { major, k6 } of majors) {
  test.skipIf(k6 === null).each(NOBODY_SAYS_VUS)(
    `k6 ${major}: a script that says only %s is planned with one user, as k6 runs it`,
    async (options) => {
      const script = `import { sleep } from 'k6';
        export const options = { ${options} };
        export default function () { sleep(0.1); }`;
      const { planned, exit, csv } = await run(k6 as K6Binary, script);
      expect(exit.exitCode).toBe(0);
      const iterations = csv.split('\n').filter((line) => line.startsWith('iterations,')).length;
      if (options.startsWith('iterations')) {
        expect(planned.iterationsToKnow).toEqual({ default: 3 });
        expect(iterations).toBe(3);
      } else {
        expect(planned.durationMs).toBe(1_000);
        // One user, who sleeps 0.1 s each time.
        expect(iterations).toBeGreaterThan(0);
        expect(iterations).toBeLessThan(12);
      }
    },
  );

  test.skipIf(k6 === null).each([
    [
      'export const options = { vus: 0, iterations: 2 }; export default function () {}',
      'There were problems with the specified script configuration: - scenario default has configuration errors: the number of VUs must be more than 0',
    ],
    ["throw new Error('not today')", /Error: not today at file:.*script\.js:1/],
    ['console.error(\'{"level":"error"\'); const = 1', /script\.js: Line 1:\d+ Unexpected token =$/],
  ])(
    `k6 ${major}: a script that k6 cannot load is refused in k6's own words, in one line: %s`,
    async (script, words) => {
      const refused = run(k6 as K6Binary, script);
      await expect(refused).rejects.toThrow(words);
      await expect(refused).rejects.toThrow(
        /^k6 cannot load \S+script\.js: (?!.*(\\n|level=|"level"))[^\n]+$/,
      );
    },
  );
}
