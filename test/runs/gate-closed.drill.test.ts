import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { keepRun, thisMachine } from '../../orchestrator/gate/history/run-record.ts';
import { freePorts } from '../free-port.ts';
import { anyK6 } from '../k6.ts';

// What proves nothing is never green. gate.drill.test.ts has three more: no baseline, a budget that is too small, a target that does not come
// up again.
const k6 = await anyK6();
const it = test.skipIf(k6 === null);
const directory = mkdtempSync(path.join(tmpdir(), 'squall-gate-closed-'));
const script = path.resolve('chaos/suites/get-health.js');
let server: Server;
let url = '';
beforeAll(async () => {
  server = createServer((request, response) => {
    if (request.url?.startsWith('/api/')) prometheus(request, response);
    else setTimeout(() => response.end('ok'), 5);
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server?.close();
  rmSync(directory, { recursive: true });
});

const slots = { pairs: 10, length: 1_000, warmUp: 0 };
function suite(name: string, load = script, absolute = '50ms'): string {
  const file = path.join(directory, `${name}.yaml`);
  writeFileSync(
    file,
    `name: ${name}
budget: 5min
compare:
  - { name: gateway, script: ${JSON.stringify(load)}, vars: { RATE: "50" }, slots: { pairs: 10, length: 1s, warmUp: 0s }, smallest: { ratio: 60%, absolute: ${absolute} } }
`,
  );
  return file;
}

/** Environments by their URL lie in the directory that squall runs in: each gate has one of its own. */
function gate(args: readonly string[], k6Path = k6?.path ?? '') {
  return execa(process.execPath, [path.resolve('dist/scripts/squall.js'), 'gate', ...args], {
    reject: false,
    cwd: mkdtempSync(path.join(directory, 'cwd-')),
    env: { K6_BIN: k6Path, XDG_STATE_HOME: path.join(directory, 'state') },
  });
}

const bothSides = () => ['--candidate', url, '--baseline', `${url}/old/`];

test.each<[string, () => string[], string]>([
  ['k6 is missing', bothSides, '$K6_BIN'],
  [
    'a password is in a URL',
    () => ['--candidate', 'http://me:secret@127.0.0.1', '--baseline', url],
    '--candidate has a user or a password in its URL',
  ],
  ['a URL is none', () => ['--candidate', url, '--baseline', 'http://'], '--baseline begins as a URL does'],
])('%s: refused before anything is started', async (what, sides, said) => {
  const out = path.join(directory, `out-${what.replaceAll(' ', '-')}`);
  const missing = path.join(directory, 'no-such-k6');
  const { exitCode, stdout, stderr } = await gate(
    [suite('refused'), ...sides(), '--out', out, '--json'],
    missing,
  );
  expect([exitCode, stdout], stderr).toEqual([64, '']);
  expect(stderr).toContain(said);
  expect(stderr).not.toContain('secret');
  expect(existsSync(out)).toBe(false);
});

it('two sides that are one target are refused', async () => {
  const out = path.join(directory, 'out-same');
  const { exitCode, stdout, stderr } = await gate([
    suite('same'),
    ...['--candidate', url, '--baseline', `${url}/`, '--out', out, '--json'],
  ]);
  expect([exitCode, stdout], stderr).toEqual([64, '']);
  expect(stderr).toContain('one target would be compared with itself');
  expect(existsSync(out)).toBe(false);
});

it.concurrent('no samples: a load that asks for nothing is INVALID', async () => {
  const idle = path.join(directory, 'idle.js');
  writeFileSync(
    idle,
    `export const options = { scenarios: { s: { executor: 'constant-arrival-rate', rate: 20, duration: '2s', preAllocatedVUs: 5 } } };
export default () => __ENV.BASE_URL;\n`,
  );
  const { exitCode, stdout, stderr } = await gate([suite('idle', idle), ...bothSides(), '--json']);
  const found = JSON.parse(stdout);
  expect([found.verdict, exitCode], stderr).toEqual(['INVALID', 2]);
  expect(found.comparisons).toEqual([]);
  expect(found.reasons.join('\n')).toContain('comparison gateway: no request was seen');
});

it.concurrent('runs of another machine are no baseline: INVALID', async () => {
  const history = path.join(directory, 'history');
  for (const day of [1, 2, 3, 4, 5])
    keepRun(history, {
      ...{ schema: 1, comparison: 'gateway', at: `2026-11-0${day}T00:00:00.000Z` },
      load: { script: path.basename(script), vars: { RATE: '50' }, slots },
      machine: { ...thisMachine(), model: 'of somebody else' },
      requests: { 'GET /health': { durationsUs: new Array(500).fill(5_000), failed: 0 } },
    });
  const { exitCode, stdout, stderr } = await gate([
    suite('history'),
    ...['--candidate', url, '--history', history, '--json'],
  ]);
  const found = JSON.parse(stdout);
  expect([found.verdict, exitCode], stderr).toEqual(['INVALID', 2]);
  expect(found.reasons.join('\n')).toContain('(5 more are of another kind of machine)');
});

it.concurrent('on a machine that stands still half of the time nothing is the same: INVALID', async () => {
  const out = path.join(directory, 'out-still');
  // Whatever it does, the sides are less than 10 s apart.
  const running = gate([suite('still', script, '10s'), ...bothSides(), '--out', out, '--json']);
  let isOver = false;
  void running.finally(() => {
    isOver = true;
  });
  while (!isOver) {
    const pid = loadOf(path.join(out, 'gateway'));
    if (pid !== null) {
      signal(pid, 'SIGSTOP');
      await sleep(300);
      signal(pid, 'SIGCONT');
    }
    await sleep(300);
  }
  const { exitCode, stdout, stderr } = await running;
  const found = JSON.parse(stdout);
  expect([found.verdict, exitCode], stderr).toEqual(['INVALID', 2]);
  expect(found.reasons.join('\n')).toMatch(
    /^comparison gateway: the machine that made the load stood still, .* in \d+ of \d+ seconds/m,
  );
  const answers = found.comparisons.map(({ measure, answer }: Record<string, string>) => [measure, answer]);
  expect(answers).toContainEqual(['p50', 'cannot tell']);
});

it.concurrent.each<[string, string, string, number, string]>([
  ['is spent', '', 'FAIL', 1, '% of the budget is spent'],
  ['is spent, and only told', ', freeze: false', 'PASS', 0, '% of the budget is spent'],
  ['cannot be asked for', '', 'INVALID', 2, 'refused the connection'],
])(
  'an error budget that %s: the check passes, and the gate is as it has to be',
  async (what, freeze, verdict, code, said) => {
    const at = (file: string) => path.join(directory, `${what.replace(/\W+/g, '-')}-${file}`);
    const address = what === 'cannot be asked for' ? `http://127.0.0.1:${(await freePorts(1))[0]}` : url;
    const events = '{ bad: "bad[$window]", total: "total[$window]", atLeast: 99.9%, window: 3d }';
    writeFileSync(
      at('env.yaml'),
      `name: candidate
vars: { BASE_URL: "${url}" }
slo: { prometheus: "${address}"${freeze}, objectives: { answers: ${events} } }
`,
    );
    writeFileSync(
      at('suite.yaml'),
      `name: checked
budget: 1min
checks:
  - { name: load, script: ${JSON.stringify(script)}, vars: { RATE: "20", DURATION: 2s } }
`,
    );
    const { exitCode, stdout, stderr } = await gate([
      at('suite.yaml'),
      '--candidate',
      at('env.yaml'),
      '--json',
    ]);
    const found = JSON.parse(stdout);
    expect([found.verdict, exitCode], stderr).toEqual([verdict, code]);
    expect(found.checks).toMatchObject([{ name: 'load', verdict: 'PASS' }]);
    expect(found.budget).toMatchObject([{ objective: 'answers', window: '3d' }]);
    expect(JSON.stringify(found.budget) + found.reasons.join('\n')).toContain(said);
  },
);

/** A stand-in that says of all times that half of the events are bad; prometheus.test.ts asks a real one. */
function prometheus(request: IncomingMessage, response: ServerResponse): void {
  let body = '';
  request.on('data', (chunk: Buffer) => {
    body += chunk.toString();
  });
  request.on('end', () => {
    const form = new URLSearchParams(body);
    const [start = 0, end = 0, step = 1] = ['start', 'end', 'step'].map((name) => Number(form.get(name)));
    const share = form.get('query')?.startsWith('bad') ? '0.5' : '1';
    const count = Math.round((end - start) / step) + 1;
    const values = Array.from({ length: count }, (_, i) => [start + i * step, share]);
    const data = { resultType: 'matrix', result: [{ metric: {}, values }] };
    response.end(JSON.stringify({ status: 'success', data }));
  });
}

/** The process that makes the load, once it has begun. */
function loadOf(run: string): number | null {
  try {
    const journal = readFileSync(path.join(run, 'journal.jsonl'), 'utf8');
    if (journal.includes('"type":"load-ended"')) return null;
    return Number(/"type":"load-started"[^}]*"pid":(\d+)/.exec(journal)?.[1] ?? Number.NaN) || null;
  } catch {
    return null;
  }
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It has ended.
  }
}
