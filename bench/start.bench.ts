/**
 * What a start and an installation cost. Starts take turns with `node -e 0`, so that a busy machine slows both. SQUALL_QUICK shortens it.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { build } from 'esbuild';
import { type BenchRow, median, writeSection } from './section.ts';

const ROUNDS = process.env.SQUALL_QUICK ? 3 : 15;
const SQUALL = path.resolve('dist/scripts/squall.js');
const AWS_CLIENTS = ['sts', 'ecs', 'elasticache', 'rds'];
const folder = mkdtempSync(path.join(os.tmpdir(), 'squall-start-'));

try {
  const starts = inTurns({
    help: [SQUALL, '--help'],
    validate: [SQUALL, 'validate', 'chaos/drills/spike.yaml'],
    'validate 2': [SQUALL, 'validate', 'chaos/environments/local.yaml', 'chaos/drills/spike.yaml'],
  });
  const clients = inTurns(await clientPrograms());
  writeSection(
    'Start and installation',
    `Each takes turns with \`node -e 0\`; medians of ${ROUNDS} ratios, wall-clock time.`,
    [
      startRow('squall --help', starts, 'help', 4),
      startRow('squall validate of one drill', starts, 'validate', 10),
      startRow('squall validate of a drill against an environment', starts, 'validate 2', 10),
      ...AWS_CLIENTS.map((name) => clientRow(clients, name)),
      ...installation(),
    ],
  );
} finally {
  rmSync(folder, { recursive: true, force: true });
}

type Times = Readonly<Record<string, readonly number[]>>;

/** Milliseconds of each program, by name; `node` is the bare one. */
function inTurns(programs: Readonly<Record<string, readonly string[]>>): Times {
  const times: Record<string, number[]> = {};
  for (let round = 0; round < ROUNDS; round += 1)
    for (const [name, args] of Object.entries({ node: ['-e', '0'], ...programs })) {
      const began = performance.now();
      const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
      if (status !== 0) throw new Error(`${name} exited with ${status}: ${stderr}`);
      times[name] = [...(times[name] ?? []), performance.now() - began];
    }
  return times;
}

function startRow(what: string, times: Times, name: string, atMost: number): BenchRow {
  const [own = [], bare = []] = [times[name], times.node];
  // Of each round: what slows the machine for a while slows both.
  const ratio = median(own.map((ms, round) => ms / (bare[round] ?? Number.NaN)));
  return {
    what: `${what}, relative to \`node -e 0\``,
    target: `<= ${atMost}`,
    measured: `${ratio.toFixed(1)} (${median(own).toFixed(0)} ms against ${median(bare).toFixed(0)} ms)`,
    met: ratio <= atMost,
  };
}

/** A program that only loads a client: as it is in node_modules, and bundled as squall has it. */
async function clientPrograms(): Promise<Record<string, string[]>> {
  const programs: Record<string, string[]> = {};
  for (const name of AWS_CLIENTS) {
    const contents = `import '@aws-sdk/client-${name}';`;
    const installed = path.resolve('node_modules', '.cache', `load-${name}.mjs`);
    mkdirSync(path.dirname(installed), { recursive: true });
    writeFileSync(installed, contents);
    const bundled = path.join(folder, `${name}.mjs`);
    await build({
      stdin: { contents: `export * from '@aws-sdk/client-${name}';`, resolveDir: process.cwd() },
      outfile: bundled,
      bundle: true,
      format: 'esm',
      platform: 'node',
      minifyWhitespace: true,
      banner: {
        js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
      },
      logLevel: 'error',
    });
    programs[`${name} installed`] = [installed];
    programs[`${name} bundled`] = [bundled];
  }
  return programs;
}

function clientRow(times: Times, name: string): BenchRow {
  const bare = median(times.node ?? []);
  const [bundled, installed] = ['bundled', 'installed'].map(
    (how) => median(times[`${name} ${how}`] ?? []) - bare,
  );
  return {
    what: `\`provider: aws\`: loading the client of ${name}, beyond \`node -e 0\``,
    target: '',
    measured: `${bundled?.toFixed(0)} ms (${installed?.toFixed(0)} ms from node_modules)`,
    met: null,
  };
}

function installation(): BenchRow[] {
  const said = execFileSync('npm', ['pack', '--json', '--silent', '--pack-destination', folder], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const [packed] = JSON.parse(said.slice(said.indexOf('[\n'))) as {
    filename: string;
    size: number;
    entryCount: number;
  }[];
  if (packed === undefined) throw new Error('npm pack has packed nothing');
  const team = path.join(folder, 'team');
  mkdirSync(team);
  writeFileSync(path.join(team, 'package.json'), '{ "name": "team", "private": true }');
  const began = performance.now();
  const { status, stderr } = spawnSync(
    'npm',
    ['install', '--no-audit', '--no-fund', '--prefer-offline', path.join(folder, packed.filename)],
    { cwd: team, encoding: 'utf8' },
  );
  const seconds = (performance.now() - began) / 1000;
  const rows: BenchRow[] = [
    {
      what: 'the tarball',
      target: '',
      measured: `${(packed.size / 1e6).toFixed(1)} MB, ${packed.entryCount} files`,
      met: null,
    },
  ];
  if (status !== 0) throw new Error(`npm install failed: ${stderr}`);
  // npm links esbuild's program to two names: one file.
  const files = new Map(
    readdirSync(path.join(team, 'node_modules'), { recursive: true, encoding: 'utf8' })
      .map((name) => statSync(path.join(team, 'node_modules', name)))
      .filter((one) => one.isFile())
      .map((one) => [one.ino, one.size]),
  );
  const bytes = [...files.values()].reduce((sum, size) => sum + size, 0);
  return [
    ...rows,
    {
      what: 'npm install of it in an empty repository, esbuild from the cache',
      target: '<= 30 s',
      measured: `${seconds.toFixed(1)} s; ${(bytes / 1e6).toFixed(0)} MB in ${files.size} files`,
      met: seconds <= 30,
    },
  ];
}
