import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import { anyK6 } from '../k6.ts';

const k6 = await anyK6();
const it = test.skipIf(k6 === null);
const read = (file: string) => readFileSync(path.resolve(file), 'utf8');

/** A repository as the examples want it: `npx --no squall` is this one, `npm ci` has been done, and `gh` writes down what it is asked. */
let repository: string;
let server: Server;
beforeAll(async () => {
  repository = mkdtempSync(path.join(tmpdir(), 'squall-pipeline-'));
  server = createServer((_, response) => response.end('ok')).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  for (const folder of ['bin', 'chaos/environments', 'chaos/suites'])
    mkdirSync(path.join(repository, folder), { recursive: true });
  const write = (file: string, text: string) => writeFileSync(path.join(repository, file), text);
  for (const name of ['candidate', 'baseline'])
    write(`chaos/environments/${name}.yaml`, `name: ${name}\nvars: { BASE_URL: "${url}" }\n`);
  write('chaos/suites/smoke.yaml', 'name: smoke\nbudget: 2min\nchecks: [{ name: load, script: load.js }]\n');
  write(
    'chaos/suites/load.js',
    `import http from 'k6/http';
export const options = { scenarios: { s: { executor: 'constant-arrival-rate', rate: 20, duration: '2s', preAllocatedVUs: 5 } } };
export default () => http.get(__ENV.BASE_URL);`,
  );
  const squall = path.resolve('dist/scripts/squall.js');
  const shim = (name: string, text: string) => {
    write(`bin/${name}`, `#!/bin/sh\n${text}\n`);
    chmodSync(path.join(repository, 'bin', name), 0o755);
  };
  // Without --no, npx would fetch whatever has that name in the registry, if squall is not installed.
  shim('npx', `[ "$1 $2" = '--no squall' ] || exit 9\nshift 2\nexec "${process.execPath}" "${squall}" "$@"`);
  shim('npm', '[ "$1" = ci ] || exit 9');
  shim(
    'gh',
    `echo "$@" >> "${repository}/gh.txt"\ncase "$*" in *--jq*) cat "${repository}/comments.txt" 2>/dev/null || true;; esac`,
  );
});
afterAll(() => {
  server?.close();
  if (repository !== undefined) rmSync(repository, { recursive: true });
});

/** As a pipeline runs it: bash that stops at the first failure, in a directory that was checked out for it. */
function shell(script: string, env: Record<string, string> = {}) {
  rmSync(path.join(repository, 'reports'), { recursive: true, force: true });
  return run(script, env);
}

function run(script: string, env: Record<string, string> = {}) {
  const PATH = `${path.join(repository, 'bin')}:${process.env.PATH}`;
  return execa('bash', ['-e', '-o', 'pipefail', '-c', script], {
    cwd: repository,
    // `squall recover` at the end of a pipeline sees the runs of this pipeline alone.
    env: { PATH, K6_BIN: k6?.path ?? '', XDG_STATE_HOME: path.join(repository, '.state'), ...env },
    reject: false,
  });
}

const scripts: readonly [file: string, script: string, reports: readonly string[]][] = [
  [
    'github-actions.yml',
    (parse(read('examples/github-actions.yml')).jobs.gate.steps as { run?: string }[])
      .flatMap(({ run: one }) => one ?? [])
      .join('\n'),
    ['report.html'],
  ],
  [
    'gitlab-ci.yml',
    parse(read('examples/gitlab-ci.yml')).gate.script.join('\n'),
    Object.values<string>(parse(read('examples/gitlab-ci.yml')).gate.artifacts.reports).map((file) =>
      path.basename(file),
    ),
  ],
  [
    'Jenkinsfile',
    [...read('examples/Jenkinsfile').matchAll(/^\s*sh '([^']+)'$/gm)].map(([, line]) => line).join('\n'),
    ['junit.xml'],
  ],
];

it.each(scripts)(
  'the commands of examples/%s run, and write what is collected',
  async (file, script, reports) => {
    expect(script).toContain('npx --no squall gate smoke');
    // An agent of Jenkins has the directory of the build before, with what that one left.
    const isReused = file === 'Jenkinsfile';
    const junit = path.join(repository, 'reports/gate/junit.xml');
    if (isReused) {
      mkdirSync(path.dirname(junit), { recursive: true });
      writeFileSync(junit, 'of the build before');
    }
    const found = await (isReused ? run : shell)(script, {
      GITHUB_ACTIONS: 'true',
      GITHUB_STEP_SUMMARY: path.join(repository, 'summary.md'),
    });
    expect(found.exitCode, found.stderr + found.stdout).toBe(0);
    for (const report of reports)
      expect(existsSync(path.join(repository, 'reports/gate', report)), report).toBe(true);
    expect(readFileSync(junit, 'utf8')).not.toContain('of the build before');
  },
);

const steps = parse(read('action.yml')).runs.steps as { name: string; run: string }[];
const stepOf = (name: string) => steps.find((step) => step.name === name)?.run ?? '';

it('action.yml: text in an input is never run, and a gate that is not green fails the step, with an annotation', async () => {
  const input = {
    SUITE: '$(touch hacked); smoke',
    CANDIDATE: 'candidate',
    BASELINE: '',
    HISTORY: '',
    OUT: 'reports/gate',
  };
  const refused = await shell(stepOf('gate'), { ...input, GITHUB_ACTIONS: 'true' });
  expect(refused.exitCode).toBe(64);
  expect(existsSync(path.join(repository, 'hacked'))).toBe(false);
  server.removeAllListeners('request');
  server.on('request', (_, response) => response.writeHead(500).end());
  writeFileSync(
    path.join(repository, 'chaos/suites/strict.yaml'),
    'name: strict\nbudget: 2min\nchecks: [{ name: load, script: strict.js }]\n',
  );
  const load = readFileSync(path.join(repository, 'chaos/suites/load.js'), 'utf8');
  writeFileSync(
    path.join(repository, 'chaos/suites/strict.js'),
    load.replace('options = {', "options = { thresholds: { http_req_failed: ['rate<0.1'] },"),
  );
  const red = await shell(stepOf('gate'), { ...input, SUITE: 'strict', GITHUB_ACTIONS: 'true' });
  expect([red.exitCode, red.stderr]).toEqual([
    1,
    expect.stringMatching(/^::error title=FAIL%3A check load::/m),
  ]);
});

it('action.yml: one comment, which the next gate replaces (gh is a stand-in: GitHub cannot be had)', async () => {
  mkdirSync(path.join(repository, 'reports/gate'), { recursive: true });
  writeFileSync(path.join(repository, 'reports/gate/comment.md'), '<!-- squall-gate smoke -->\nhello\n');
  const env = { REPOSITORY: 'o/r', NUMBER: '7', OUT: 'reports/gate' };
  expect((await run(stepOf('comment'), env)).exitCode).toBe(0);
  writeFileSync(path.join(repository, 'comments.txt'), '123\n');
  expect((await run(stepOf('comment'), env)).exitCode).toBe(0);
  const asked = readFileSync(path.join(repository, 'gh.txt'), 'utf8').trim().split('\n');
  expect(asked.filter((line) => !line.includes('--jq'))).toEqual([
    'api --silent repos/o/r/issues/7/comments -F body=@reports/gate/comment.md',
    'api --silent -X PATCH repos/o/r/issues/comments/123 -F body=@reports/gate/comment.md',
  ]);
});
