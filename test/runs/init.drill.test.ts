import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { execa } from 'execa';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { squallEntry } from '../drill/run-drill.ts';
import { freePorts } from '../free-port.ts';
import { anyK6 } from '../k6.ts';
import { createAuthority } from '../own-authority.ts';
import { startTinyTarget } from '../tiny-target/tiny-target.ts';

interface Target {
  readonly url: string;
  /** What a person exports for it. */
  readonly env: Readonly<Record<string, string>>;
  stop(): Promise<unknown>;
}

const k6 = await anyK6();
let target: Target | undefined;
let cwd: string;
beforeEach(() => {
  cwd = mkdtempSync(path.join(os.tmpdir(), 'squall-init-run-'));
});
afterEach(async () => {
  await target?.stop();
  target = undefined;
  rmSync(cwd, { recursive: true, force: true });
});

test.skipIf(k6 === null).each<[string, () => Promise<Target>]>([
  ['a plain service', plain],
  ['one of HTTPS with an own certificate and nothing but HTTP/2, late to begin and in pieces', second],
])(
  'from an empty directory to PASS with a fault, with what init wrote: %s',
  { retry: 2, timeout: 120_000 },
  async (_, start) => {
    target = await start();
    const env = { XDG_STATE_HOME: path.join(cwd, 'state'), K6_BIN: k6?.path ?? '', ...target.env };
    const squall = (...args: string[]) =>
      execa(process.execPath, [squallEntry, ...args], { cwd, env, reject: false, stdin: 'ignore' });
    const init = await squall('init', target.url, '--json');
    expect([init.exitCode, init.stderr]).toEqual([0, '']);
    const { written, next } = JSON.parse(init.stdout) as { written: { file: string }[]; next: string[] };
    const drill = written.map(({ file }) => file).find((file) => file.startsWith('chaos/drills/')) ?? '';
    expect(next[1]).toBe(`npx squall drill ${drill} --env local`);
    shorten(path.join(cwd, drill));
    const { exitCode, stdout, stderr } = await squall(
      'drill',
      drill,
      '--env',
      'local',
      '--out',
      'run',
      '--json',
    );
    const verdict = JSON.parse(stdout || '{}');
    expect([exitCode, verdict.verdict, verdict.reasons], stderr).toEqual([0, 'PASS', expect.any(Array)]);
    expect(verdict.faults).toMatchObject([{ kind: 'freeze', result: 'PASS' }]);
  },
);

test.skipIf(k6 === null)('a script that does not load without BASE_URL gets a drill', async () => {
  const script = [
    "import http from 'k6/http';",
    "if (!__ENV.BASE_URL) throw new Error('say BASE_URL');",
    "export const options = { scenarios: { all: { executor: 'constant-vus', vus: 1, duration: '30s' } } };",
    'export default () => http.get(__ENV.BASE_URL);',
  ];
  writeFileSync(path.join(cwd, 'load.js'), script.join('\n'));
  const env = { XDG_STATE_HOME: path.join(cwd, 'state'), K6_BIN: k6?.path ?? '' };
  const args = [squallEntry, 'init', 'load.js', '--url', 'http://127.0.0.1:8080/api', '--json'];
  const { exitCode, stderr } = await execa(process.execPath, args, { cwd, env, reject: false });
  expect([exitCode, stderr]).toEqual([0, '']);
  expect(readFileSync(path.join(cwd, 'chaos/environments/local.yaml'), 'utf8')).toMatch(
    /BASE_URL: .*\/api\n/,
  );
});

async function plain(): Promise<Target> {
  const tiny = await startTinyTarget();
  return { url: `http://127.0.0.1:${tiny.port}/health`, env: {}, stop: () => tiny.stop() };
}

async function second(): Promise<Target> {
  createAuthority(cwd);
  const [port = 0] = await freePorts(1);
  const program = path.resolve(import.meta.dirname, '../tiny-target/second.mjs');
  const child = fork(program, [String(port), cwd], { stdio: 'ignore' });
  await once(child, 'message');
  const stop = async () => {
    child.kill('SIGKILL');
    await once(child, 'exit');
  };
  return { url: `https://127.0.0.1:${port}/`, env: { SSL_CERT_FILE: path.join(cwd, 'ca.pem') }, stop };
}

/** The same drill in seconds: what init writes takes three quarters of a minute. */
function shorten(file: string): void {
  const text = readFileSync(file, 'utf8');
  const short = text
    .replace('RATE: "20", DURATION: 45s', 'RATE: "50", DURATION: 9s')
    .replace('steady: { for: 15s }', 'steady: { for: 3s }')
    .replace('at: 17s', 'at: 4s')
    .replace('for: 5s', 'for: 1s');
  expect(short.split('\n').filter((line) => !text.includes(line))).toHaveLength(4);
  writeFileSync(file, short);
}
