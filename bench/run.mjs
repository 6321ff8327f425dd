// Runs the benches (all, or those whose names are given) one after the other, each in a process of its own:
// `npm run bench` or `npm run bench -- judge`; what comes after another `--` is handed to them. They import what is compiled in dist/, as a
// user's squall does.
import { fork, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const here = path.dirname(fileURLToPath(import.meta.url));
const root = path.dirname(here);
const output = path.join(root, 'node_modules', '.cache', 'squall-bench');
const given = process.argv.slice(2);
const end = given.includes('--') ? given.indexOf('--') : given.length;
const [wanted, handedOn] = [given.slice(0, end), given.slice(end + 1)];
const prepared = spawnSync(process.execPath, [path.join(root, 'scripts', 'prepare.mjs'), '--code-only'], {
  cwd: root,
  stdio: 'inherit',
});
// Measure the current sources, not an earlier compilation.
if (prepared.status !== 0) process.exit(1);
mkdirSync(output, { recursive: true });

/** `../orchestrator/x.ts` of a bench is `dist/orchestrator/x.js`. */
const compiled = {
  name: 'compiled',
  setup: (esbuild) =>
    esbuild.onResolve({ filter: /^\.\.\/(orchestrator|chaos|thresholds)\// }, ({ path: name }) => ({
      path: path.join(root, 'dist', name.slice(3).replace(/\.ts$/, '.js')),
      external: true,
    })),
};

/** Benches that threw, or have a row that is not met. */
let failed = 0;
for (const file of readdirSync(here).filter((name) => name.endsWith('.bench.ts'))) {
  if (wanted.length > 0 && !wanted.some((name) => file.startsWith(name))) continue;
  const outfile = path.join(output, file.replace(/\.ts$/, '.mjs'));
  await build({
    entryPoints: [path.join(here, file)],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
    plugins: [compiled],
    logLevel: 'warning',
  });
  // Through its channel the bench notices when this process is gone, for whatever reason.
  const [status] = await once(fork(outfile, handedOn, { cwd: root }), 'exit');
  if (status !== 0) failed += 1;
}
process.exit(failed === 0 ? 0 : 1);
