// Finds processes that a test run left behind, prints them, ends them, and exits with 1 if there were any:
// left-behind.mjs MARK. They carry the mark, the path of the run's temporary folder, in their environment, their command line, their
// working folder or a file they hold open. The environment alone is not enough: redis-server and Postgres write their titles over
// it. Linux only (/proc).
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

const mark = process.argv[2];
if (!mark) throw new Error('left-behind: say which mark to look for');
const own = ancestors(process.pid);

// Give processes a moment: they end a little later than the call that ends them returns.
let left = marked();
for (let tries = 0; left.length > 0 && tries < 50; tries += 1) {
  await sleep(100);
  left = marked();
}
for (const pid of left) console.log(`left behind: ${pid} ${title(pid)}`);
for (const pid of left) end(pid);
process.exit(left.length === 0 ? 0 : 1);

function marked() {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => !own.has(pid) && isMarked(pid));
}

function isMarked(pid) {
  const traces = [
    () => readFileSync(`/proc/${pid}/environ`, 'latin1'),
    () => readFileSync(`/proc/${pid}/cmdline`, 'latin1'),
    () => readlinkSync(`/proc/${pid}/cwd`),
    () =>
      readdirSync(`/proc/${pid}/fd`)
        .map((fd) => attempt(() => readlinkSync(`/proc/${pid}/fd/${fd}`)))
        .join('\n'),
  ];
  return !isZombie(pid) && traces.some((trace) => attempt(trace).includes(mark));
}

/** A zombie is gone; its parent just has not collected it yet. */
function isZombie(pid) {
  return /^State:\s+[ZX]/m.test(attempt(() => readFileSync(`/proc/${pid}/status`, 'latin1')));
}

function ancestors(pid) {
  const chain = new Set();
  for (let at = pid; at > 0 && !chain.has(at); ) {
    chain.add(at);
    at = Number(
      /^PPid:\s+(\d+)/m.exec(attempt(() => readFileSync(`/proc/${at}/status`, 'latin1')))?.[1] ?? 0,
    );
  }
  return chain;
}

function title(pid) {
  return attempt(() => readFileSync(`/proc/${pid}/cmdline`, 'latin1'))
    .replaceAll('\0', ' ')
    .trim();
}

function end(pid) {
  attempt(() => process.kill(pid, 'SIGKILL'));
}

/** A process that has ended meanwhile, or that belongs to somebody else, is not one of ours. */
function attempt(read) {
  try {
    return read();
  } catch {
    return '';
  }
}
