import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Verdict } from '../orchestrator/verdict.types.ts';
import { shortFaults } from '../test/drill/faults.ts';
import { writeDrill } from '../test/drill/run-drill.ts';
import { anyK6 } from '../test/k6.ts';
import { startTinyTarget } from '../test/tiny-target/tiny-target.ts';

const root = path.dirname(import.meta.dirname);
const k6 = await anyK6();
const ping = await execa('npm', ['ping', '--fetch-retries=0', '--fetch-timeout=10000'], { reject: false });
const noRegistry = ping.exitCode !== 0;

let folder: string;
let tarball: string;
let packed: string[];

beforeAll(async () => {
  // Outside of the repository, so that nothing of it is found by looking upwards.
  folder = await mkdtemp(path.join(os.tmpdir(), 'squall-package-'));
  const { stdout } = await execa('npm', ['pack', '--json', '--silent', '--pack-destination', folder], {
    cwd: root,
  });
  // The scripts that npm runs before packing may print as well.
  const listing = JSON.parse(stdout.slice(stdout.indexOf('[\n'))) as {
    filename: string;
    files: { path: string }[];
  }[];
  tarball = path.join(folder, listing[0]?.filename ?? '');
  packed = listing[0]?.files.map((file) => file.path) ?? [];
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test('the package holds what a user needs', async () => {
  const docs = (await readdir(path.join(root, 'docs'), { recursive: true })).filter((name) =>
    /\.\w+$/.test(name),
  );
  const scenarios = (await readdir(path.join(root, 'scenarios'))).filter((name) => /^[\w-]+\.ts$/.test(name));
  expect(packed).toEqual(
    expect.arrayContaining([
      ...['README.md', 'BENCHMARKS.md', 'CONTRIBUTING.md', 'RELIABILITY.md', 'examples/gitlab-ci.yml'],
      ...docs.map((name) => `docs/${name}`),
      'chaos/providers/chaos-mesh/rbac.yaml',
      'dist/scripts/squall.js',
      'dist/scripts/guardian.js',
      'dist/orchestrator/machine/process.js',
      'dist/orchestrator/samples/record/worker.js',
      'dist/chaos/providers/local/faults/stress-worker.js',
      'dist/chaos/providers/local/link/thread/worker.js',
      'dist/browser/report-timeline.js',
      'dist/THIRD-PARTY-LICENSES.txt',
      'LICENSE',
      'chaos/drills/spike.yaml',
      'chaos/schema/drill.schema.json',
      'chaos/schema/environment.schema.json',
      'chaos/schema/suite.schema.json',
      'chaos/suites/release.yaml',
      'chaos/suites/get-health.js',
      'thresholds/gateway.ts',
      ...scenarios.map((name) => `scenarios/${name}`),
      ...scenarios
        .map((name) => name.replace(/ts$/, 'js'))
        .map((name) => (name === 'disruptor.js' ? `build/xk6/${name}` : `build/${name}`)),
    ]),
  );
});

test('the package holds no tests, no testbed and no environment of this repository', () => {
  const strange = packed.filter((file) => /\.test\.|testbed\/|fixtures\/|^test\/|environments\//.test(file));
  expect(strange).toEqual([]);
});

test('nothing is installed with it but what its files import', async () => {
  const { stdout } = await execa(process.execPath, ['scripts/bundle.mjs', path.join(folder, 'again')], {
    cwd: root,
  });
  const { dependencies } = JSON.parse(await readFile(path.join(root, 'package.json'), 'utf8'));
  // What scripts/bundle.mjs puts into dist/ belongs to devDependencies: a user would install it for nothing.
  expect(Object.keys(dependencies).sort()).toEqual(JSON.parse(stdout));
});

test.skipIf(noRegistry)(
  'installed in a repository of its own, squall builds the scenarios of that team and refuses a bad drill of theirs',
  { timeout: 400_000 }, // npm downloads what is not in its cache
  async () => {
    const team = path.join(folder, 'team');
    await write(team, 'package.json', '{ "name": "team", "private": true, "type": "module" }');
    await write(team, 'scenarios/browse.ts', scenario);
    await write(team, 'scenarios/lib/said.ts', 'export const said = (what: string) => "measured " + what;\n');
    await write(team, 'chaos/drills/bad.yaml', 'name: bad\nload: [{ scenario: browse }]\nfaultz: []\n');
    await execa('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline', tarball], { cwd: team });
    const squall = (...args: string[]) =>
      execa('npx', ['--no-install', 'squall', ...args], { cwd: team, reject: false, stdin: 'ignore' });

    expect(await squall('--help')).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('drill') });

    expect(await squall('build')).toMatchObject({ exitCode: 0 });
    expect(await readdir(path.join(team, 'build'))).toEqual(['browse.js']);

    const refused = await squall('validate', 'chaos/drills/bad.yaml');
    expect(refused.exitCode).toBe(64);
    expect(refused.stdout + refused.stderr).toContain('bad.yaml:3:1');
    expect(existsSync(path.join(team, 'reports'))).toBe(false);

    if (k6 === null) return; // The bundle is there; other tests show that k6 runs bundles.
    const target = await startTinyTarget();
    try {
      // Its guardian, the machine's witness and the thread that reads samples come from the package, too.
      const files = writeDrill(target, { faults: [shortFaults.freeze] }, {}, k6.path);
      const drill = await execa(
        'npx',
        [
          '--no-install',
          'squall',
          'drill',
          files.drill,
          '--env',
          files.environment,
          '--out',
          files.out,
          '--json',
        ],
        { cwd: team, env: files.env, reject: false, stdin: 'ignore' },
      );
      const verdict = JSON.parse(drill.stdout) as Verdict;
      expect(verdict, `${verdict.reasons.join('\n')}\n${drill.stderr}`).toMatchObject({
        verdict: 'PASS',
        faults: [{ result: 'PASS' }],
        residue: [],
      });
      expect(verdict.machine?.watchedSeconds).toBeGreaterThan(0);
      expect(await readFile(path.join(files.out, 'report.html'), 'utf8')).toContain('u-legend');
    } finally {
      await target.stop();
    }
    const ran = await execa(k6.path, ['run', '--quiet', 'build/browse.js'], { cwd: team, reject: false });
    expect(ran.stdout + ran.stderr).toContain('measured browse');
    expect(ran.exitCode).toBe(0);
  },
);

const builder = await execa('docker', ['info'], { reject: false, timeout: 10_000 });

test.skipIf(noRegistry || builder.exitCode !== 0)(
  'the image runs squall and k6, and not as root',
  { timeout: 900_000 },
  async () => {
    await execa('docker', ['build', '--tag', 'squall:test', '.'], { cwd: root });
    const run = (...args: string[]) => execa('docker', ['run', '--rm', ...args]);
    expect((await run('squall:test', 'doctor', '--help')).stdout).toContain('Examples:');
    expect((await run('--entrypoint', 'k6', 'squall:test', 'version')).stdout).toMatch(/^k6 v1\.8\.1/);
    expect((await run('--entrypoint', 'id', 'squall:test', '-u')).stdout).toBe('1000');
  },
);

const scenario = `import { check } from 'k6';
import type { Options } from 'k6/options';
import { said } from './lib/said.ts';

export const options: Options = { iterations: 1, vus: 1 };
export default function () {
  check(null, { always: () => true });
  console.log(said('browse'));
}
`;

async function write(team: string, file: string, text: string): Promise<void> {
  const at = path.join(team, file);
  await mkdir(path.dirname(at), { recursive: true });
  await writeFile(at, text);
}
