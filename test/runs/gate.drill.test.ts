import {
  copyFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { execa } from 'execa';
import { afterAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import { type Calibration, calibrationOf } from '../../orchestrator/gate/calibration/calibration.ts';
import { median } from '../../orchestrator/gate/decision/measure.ts';
import { thisMachine } from '../../orchestrator/gate/history/run-record.ts';
import { readSlots } from '../../orchestrator/gate/side-by-side/read-slots.ts';
import { recordingOf } from '../../orchestrator/samples/recording/recording.ts';
import { freePorts } from '../free-port.ts';
import { anyK6 } from '../k6.ts';

const k6 = await anyK6();
const it = test.skipIf(k6 === null);
const directory = mkdtempSync(path.join(tmpdir(), 'squall-gate-'));
afterAll(() => rmSync(directory, { recursive: true }));
const target = path.resolve('test/gate/target.mjs');
const script = path.resolve('chaos/suites/get-health.js');

interface TargetOptions {
  readonly delayMs: number;
  /** How often it comes up. */
  readonly starts?: number;
  /** For so long after each start it takes ten times as long. */
  readonly coldMs?: number;
}

/** An environment whose testbed is a process of its own. */
async function environment(
  name: string,
  { delayMs, starts = 1000, coldMs = 0 }: TargetOptions,
): Promise<string> {
  const [port = 0] = await freePorts(1);
  const command = (action: string) =>
    JSON.stringify(['node', target, action, directory, ...[port, delayMs, starts, coldMs].map(String)]);
  const file = path.join(directory, `${name}-${port}.yaml`);
  writeFileSync(
    file,
    `name: ${name}\nvars: { BASE_URL: "http://127.0.0.1:${port}" }\ntestbed:\n  up: ${command('up')}\n  down: ${command('down')}\n  status: ${command('status')}\n`,
  );
  return file;
}

/** As `squall gate calibrate` would have left it there, of starts that hardly differ. */
function calibrate(environmentFile: string): void {
  const load = { script: path.basename(script), vars: { RATE: '100' } };
  const sd = { 'GET /health': { p50: 0.05, p95: 0.05, p99: 0.05 } };
  writeFileSync(
    calibrationOf(environmentFile),
    JSON.stringify({
      ...{ schema: 1, at: '2026-11-30T10:00:00.000Z', machine: thisMachine() },
      comparisons: { gateway: { load, starts: 10, sd } },
    }),
  );
}

let suites = 0;
function suite(text: string): string {
  suites += 1;
  const file = path.join(directory, `suite-${suites}.yaml`);
  writeFileSync(file, `name: mine\n${text}`);
  return file;
}

const comparison = (more: string) =>
  `compare:\n  - { name: gateway, script: ${JSON.stringify(script)}, vars: { RATE: "100" }, slots: { pairs: 16, length: 1s, warmUp: 0s }, restarts: 2${more} }\n`;

function gate(...args: string[]) {
  return execa(process.execPath, [path.resolve('dist/scripts/squall.js'), 'gate', ...args], {
    reject: false,
    cwd: directory,
    env: { K6_BIN: k6?.path ?? '' },
  });
}

const left = () => readdirSync(directory).filter((name) => name.endsWith('.pid'));

it('a candidate that is far slower has regressed after two of three starts, which were calibrated, and nothing is left', {
  timeout: 240_000,
}, async () => {
  // Far enough apart for a machine that has other work to do.
  const baseline = await environment('baseline', { delayMs: 5 });
  const candidate = await environment('candidate', { delayMs: 250 });
  calibrate(baseline);
  const out = path.join(directory, 'slower');
  const run = await gate(
    // Thirty pairs by the second start: where neighbours depend on each other, as on a busy machine, they are joined, and eight are too few.
    suite(`budget: 5min\n${comparison('').replace('16', '45').replace('restarts: 2', 'restarts: 3')}`),
    ...['--candidate', candidate, '--baseline', baseline, '--out', out, '--json'],
  );
  const found = JSON.parse(run.stdout);
  expect(found, run.stderr + run.stdout).toMatchObject({
    schema: 1,
    suite: 'mine',
    verdict: 'FAIL',
    seed: 1,
  });
  expect(run.exitCode).toBe(1);
  expect(found).toEqual(JSON.parse(readFileSync(path.join(out, 'gate.json'), 'utf8')));
  const of = (measure: string) =>
    found.comparisons.find((one: { measure: string }) => one.measure === measure);
  expect(of('p50')).toMatchObject({
    ...{ name: 'gateway', request: 'GET /health', answer: 'regressed', blocks: true, needs: null },
  });
  expect(of('p50').ratio).toBeGreaterThan(2);
  // What is plain by then needs no third start: only its script was made.
  expect(found.reasons.join('\n')).toContain('it ended after 2 of 3 starts');
  expect(readdirSync(path.join(out, 'gateway-3'))).toEqual(['script']);
  expect(readdirSync(out).sort()).toEqual([
    ...[
      'comment.md',
      'gate.json',
      'gateway-1',
      'gateway-2',
      'gateway-3',
      'junit.xml',
      'load-performance.json',
      'metrics.txt',
    ],
    ...['recipe.json.gz', 'report.html', 'report.md'],
  ]);
  // GitLab's report has the candidate alone.
  const { metrics } = JSON.parse(readFileSync(path.join(out, 'load-performance.json'), 'utf8'));
  expect(metrics.http_req_waiting['p(90)']).toBeGreaterThan(200);
  expect(metrics.http_reqs.count).toBeLessThan(100 * 30 * 1.2);
  expect(left()).toEqual([]);
  // Decided again from the recordings, with the same answers to the last digit.
  rmSync(path.join(out, 'gate.json'));
  const again = await execa(process.execPath, [path.resolve('dist/scripts/squall.js'), 'report', out], {
    reject: false,
  });
  expect(again.exitCode, again.stderr).toBe(1);
  expect(JSON.parse(readFileSync(path.join(out, 'gate.json'), 'utf8'))).toEqual(found);
});

it('the same code has not regressed; what cannot be told is not green', async () => {
  const baseline = await environment('baseline', { delayMs: 30, coldMs: 3_000 });
  const candidate = await environment('candidate', { delayMs: 30, coldMs: 3_000 });
  const out = path.join(directory, 'same');
  const run = await gate(
    suite(
      `budget: 5min\n${comparison(', smallest: { ratio: 60%, absolute: 0s }').replace('warmUp: 0s', 'warmUp: 5s')}`,
    ),
    ...['--candidate', candidate, '--baseline', baseline, '--out', out, '--json'],
  );
  const found = JSON.parse(run.stdout);
  const answers = found.comparisons.map((one: { answer: string }) => one.answer);
  expect(answers, run.stderr).not.toContain('regressed');
  const told = found.comparisons.some(
    (one: { measure: string; answer: string }) => one.measure.startsWith('p') && one.answer === 'same',
  );
  expect([found.verdict, run.exitCode]).toEqual(told ? ['PASS', 0] : ['INVALID', 2]);
  // What is cold is not compared: six slots of warm-up, and sixteen that count of eight pairs.
  for (const start of [1, 2]) {
    const { slots } = await readSlots(recordingOf(path.join(out, `gateway-${start}`, 'k6'), 0), 1_000);
    const own = [...(slots.get('GET /health') ?? [])].sort(([a], [b]) => a - b);
    expect(own.map(([number]) => number)).toEqual(Array.from({ length: 16 }, (_, i) => i));
    for (const [, { durations }] of own.slice(0, 2)) expect(median(durations)).toBeLessThan(200);
  }
});

it('a target that does not come up again is INVALID', async () => {
  const baseline = await environment('baseline', { delayMs: 20 });
  const candidate = await environment('candidate', { delayMs: 20, starts: 1 });
  const run = await gate(
    suite(`budget: 5min\n${comparison('')}`),
    ...['--candidate', candidate, '--baseline', baseline, '--json'],
  );
  const found = JSON.parse(run.stdout);
  expect([found.verdict, run.exitCode], run.stderr).toEqual(['INVALID', 2]);
  expect(found.reasons.join('\n')).toContain('it does not come up any more');
  expect(left()).toEqual([]);
});

it("a scenario's own thresholds decide; a check that does not block only warns", async () => {
  const candidate = await environment('candidate', { delayMs: 20 });
  const load = path.join(directory, 'crossed.js');
  writeFileSync(
    load,
    `import http from 'k6/http';
    export const options = { scenarios: { s: { executor: 'constant-arrival-rate', rate: 20, duration: '2s', preAllocatedVUs: 5 } },
      thresholds: { http_req_duration: ['p(50)<' + (__ENV.LIMIT || '1')] } };
    export default () => http.get(__ENV.BASE_URL);`,
  );
  const check = (name: string, more: string) => `  - { name: ${name}, script: crossed.js${more} }\n`;
  const checks = (first: string, second: string) =>
    suite(`budget: 3min\nchecks:\n${check('strict', first)}${check('mild', second)}`);
  const mild = ', vars: { LIMIT: "9000" }';
  const failed = await gate(checks('', mild), '--candidate', candidate, '--json');
  expect([JSON.parse(failed.stdout).verdict, failed.exitCode], failed.stderr).toEqual(['FAIL', 1]);
  const warned = await gate(checks(', blocks: false', mild), '--candidate', candidate, '--json');
  const found = JSON.parse(warned.stdout);
  expect([found.verdict, warned.exitCode], warned.stderr).toEqual(['PASS', 0]);
  expect(found.checks).toMatchObject([
    { name: 'strict', verdict: 'FAIL', blocks: false },
    { name: 'mild', verdict: 'PASS', blocks: true },
  ]);
});

it('is refused before anything is started: budget, baseline, executor', async () => {
  const baseline = await environment('baseline', { delayMs: 20, starts: 0 });
  const candidate = await environment('candidate', { delayMs: 20, starts: 0 });
  const both = ['--candidate', candidate, '--baseline', baseline];
  const closed = path.join(directory, 'closed.js');
  writeFileSync(
    closed,
    'export const options = { vus: 1, duration: "5s" };\nexport default () => __ENV.BASE_URL;\n',
  );
  for (const [args, said] of [
    [
      [suite(`budget: 30s\n${comparison('')}`), ...both],
      'the budget of 30 s is too small: the suite takes 94 s',
    ],
    [[suite(`budget: 5min\n${comparison('')}`), '--candidate', candidate], '--baseline ENV'],
    [
      [suite('budget: 5min\ncompare:\n  - { name: a, script: closed.js }\n'), ...both],
      'the gate compares at constant arrival rates',
    ],
  ] as const) {
    const { exitCode, stderr, stdout } = await gate(...args);
    expect([exitCode, stdout], stderr).toEqual([64, '']);
    expect(stderr).toContain(said);
  }
});

it('a run is compared with those of the past, and kept, green or red', async () => {
  const kept = path.join(directory, 'history');
  const files = () => readdirSync(kept).sort();
  const mine = suite(
    `budget: 5min\n${comparison(', requests: ["GET /health"], smallest: { ratio: 60%, absolute: 0s }')}`,
  );
  const first = await gate(
    mine,
    ...['--candidate', await environment('candidate', { delayMs: 5 }), '--history', kept, '--json'],
  );
  expect([JSON.parse(first.stdout).verdict, first.exitCode], first.stderr).toEqual(['INVALID', 2]);
  expect(first.stdout).toContain('the baseline has 0 of at least 5 runs');
  expect(files()).toHaveLength(1);
  const [file = ''] = files();
  for (const day of [1, 2, 3, 4])
    copyFileSync(path.join(kept, file), path.join(kept, `${day}-gateway.run.json.gz`));
  const second = await gate(
    mine,
    ...['--candidate', await environment('candidate', { delayMs: 250 }), '--history', kept, '--json'],
  );
  const found = JSON.parse(second.stdout);
  expect([found.verdict, second.exitCode], second.stderr).toEqual(['FAIL', 1]);
  const p50 = found.comparisons.find(({ measure }: { measure: string }) => measure === 'p50');
  expect(p50).toMatchObject({ answer: 'regressed', pairs: 5 });
  expect(files()).toHaveLength(6);
  writeFileSync(path.join(kept, '9-gateway.run.json.gz'), 'torn');
  const third = await gate(
    mine,
    ...['--candidate', await environment('candidate', { delayMs: 20 }), '--history', kept],
  );
  expect([third.exitCode, third.stdout]).toEqual([64, '']);
  expect(third.stderr).toContain('is not a run that this squall has kept');
});

it('a calibration of the baseline is kept beside it; one that fails is not', async () => {
  const baseline = await environment('baseline', { delayMs: 30 });
  const mine = suite(`budget: 5min\n${comparison('').replace('restarts: 2', 'restarts: 1')}`);
  const run = await gate('calibrate', mine, '--baseline', baseline, '--starts', '3');
  expect(run.exitCode, run.stderr).toBe(0);
  const file = baseline.replace('.yaml', '.calibration.json');
  const [gateway] = Object.values<Calibration['comparisons'][string]>(
    JSON.parse(readFileSync(file, 'utf8')).comparisons,
  );
  expect(gateway).toMatchObject({ starts: 3, load: { vars: { RATE: '100' } } });
  expect(gateway?.sd['GET /health']?.p50).toBeGreaterThan(0);
  expect(left()).toEqual([]);
  const candidate = await environment('candidate', { delayMs: 30, starts: 0 });
  const refused = await gate('calibrate', mine, '--baseline', candidate, '--starts', '3');
  expect(refused.exitCode, refused.stderr).toBe(2);
  expect(refused.stderr).toContain('it does not come up any more');
  expect(existsSync(candidate.replace('.yaml', '.calibration.json'))).toBe(false);
});

it('two of the same code are calibrated side by side', { timeout: 240_000 }, async () => {
  const baseline = await environment('baseline', { delayMs: 30 });
  const beside = await environment('beside', { delayMs: 30 });
  const mine = suite(`budget: 5min\n${comparison('').replace('pairs: 16', 'pairs: 10')}`);
  const run = await gate('calibrate', mine, '--baseline', baseline, '--beside', beside, '--starts', '3');
  expect(run.exitCode, run.stderr).toBe(0);
  const [gateway] = Object.values<Calibration['comparisons'][string]>(
    JSON.parse(readFileSync(baseline.replace('.yaml', '.calibration.json'), 'utf8')).comparisons,
  );
  expect(gateway).toMatchObject({ starts: 3, sd: { 'GET /health': { p50: expect.any(Number) } } });
  expect(existsSync(beside.replace('.yaml', '.calibration.json'))).toBe(false);
  expect(left()).toEqual([]);
  // The same address twice would be one start, compared with itself.
  const same = await gate('calibrate', mine, '--baseline', baseline, '--beside', baseline, '--starts', '3');
  expect(same.exitCode, same.stderr).toBe(64);
  expect(same.stderr).toContain('one target would be compared with itself');
});

it('a testbed that is up already is not taken for several starts', async () => {
  const [baseline, candidate] = [
    await environment('baseline', { delayMs: 20 }),
    await environment('candidate', { delayMs: 20 }),
  ];
  for (const file of [baseline, candidate]) await inTestbed(file, 'up');
  try {
    const { exitCode, stderr } = await gate(
      suite(`budget: 5min\n${comparison('')}`),
      ...['--candidate', candidate, '--baseline', baseline],
    );
    expect(exitCode, stderr).toBe(64);
    expect(stderr).toContain('is up already');
    expect(left()).toHaveLength(2);
  } finally {
    for (const file of [baseline, candidate]) await inTestbed(file, 'down');
  }
});

async function inTestbed(file: string, action: 'up' | 'down'): Promise<void> {
  const { testbed } = parse(readFileSync(file, 'utf8'));
  const [, ...args] = testbed[action];
  await execa(process.execPath, args);
}
