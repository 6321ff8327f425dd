// Compiles the TypeScript to dist/, bundles squall's programs there (bundle.mjs), and bundles the scenarios to build/. Plain JavaScript, because it runs before anything
// is compiled: at `npm ci`, and before the tests. Types are checked by `npm run types`, not here.
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const DAY_MS = 86_400_000;
const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const dist = path.join(root, 'dist');
const squall = path.join(dist, 'scripts', 'squall.js');

// The first `npx squall` in this folder makes npm prepare it once more, for a link in its own cache. What is there will do.
// (npm_command alone would also be `exec` in everything that `npx vitest` starts.)
const { npm_command, npm_lifecycle_event } = process.env;
if (npm_command === 'exec' && npm_lifecycle_event === 'prepare' && existsSync(squall)) process.exit();

await compile();
if (existsSync(squall)) {
  chmodSync(squall, 0o755); // npm does this for an installed package, but not for one that it prepares
  if (!process.argv.includes('--code-only')) run(squall, ['build']);
}

/** Into a folder of its own first, so that programs running from dist/ never find a missing or half-written file. */
async function compile() {
  installIfMissing();
  const require = createRequire(import.meta.url);
  const tsc = path.join(path.dirname(require.resolve('typescript/package.json')), 'bin', 'tsc');
  for (const name of readdirSync(root)) {
    const owner = /^\.dist-(\d+)$/.exec(name)?.[1];
    if (owner && !isAlive(Number(owner))) rmSync(path.join(root, name), { recursive: true, force: true });
  }
  // Beside dist/, so that the relative paths in the source maps stay right.
  const fresh = path.join(root, `.dist-${process.pid}`);
  process.once('exit', () => rmSync(fresh, { recursive: true, force: true }));
  run(tsc, ['-p', path.join(root, 'tsconfig.build.json'), '--outDir', fresh]);
  // Over what tsc has made of the same programs: tests and users start the same files.
  const { bundle, bundleTestbed } = await import('./bundle.mjs');
  await Promise.all([bundle(root, fresh), bundleTestbed(root, fresh)]);
  replaceChanged(fresh, dist);
}

/** `npm pack` in a fresh clone prepares without installing anything. */
function installIfMissing() {
  if (existsSync(path.join(root, 'node_modules', 'typescript'))) return;
  const { status } = spawnSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], {
    cwd: root,
    // Its words must not come between those of `npm pack`.
    stdio: ['ignore', 2, 2],
    env: { ...process.env, NODE_ENV: 'development' },
  });
  if (status !== 0) process.exit(status ?? 1);
}

function isAlive(pid) {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error.code === 'EPERM';
  }
}

/** Moves the files that differ, one by one, and removes those without a source. */
function replaceChanged(from, to) {
  mkdirSync(to, { recursive: true });
  // Chunks first: whatever imports them finds them.
  const wanted = readdirSync(from, { withFileTypes: true }).sort(
    (one, other) => Number(other.name === 'chunks') - Number(one.name === 'chunks'),
  );
  for (const entry of readdirSync(to, { withFileTypes: true })) {
    const kept = wanted.some(({ name }) => name === entry.name) && !entry.isSymbolicLink();
    if (!kept && !mayBeInUse(path.join(to, entry.name)))
      rmSync(path.join(to, entry.name), { recursive: true, force: true });
  }
  for (const entry of wanted) {
    const [source, target] = [path.join(from, entry.name), path.join(to, entry.name)];
    if (entry.isDirectory()) replaceChanged(source, target);
    else if (!existsSync(target) || !readFileSync(source).equals(readFileSync(target)))
      renameSync(source, target);
  }
}

/** A drill that is running loads some chunks only when it needs them. What goes into a package has no old ones. */
function mayBeInUse(file) {
  if (path.basename(path.dirname(file)) !== 'chunks' || npm_command === 'pack' || npm_command === 'publish')
    return false;
  return Date.now() - statSync(file).mtimeMs < DAY_MS;
}

function run(script, args) {
  const { status } = spawnSync(process.execPath, [script, ...args], { cwd: root, stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}
