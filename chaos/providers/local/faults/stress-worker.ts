import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';

/**
 * One burner of a stress fault, a process of its own: `node stress-worker.js '{"cpuLoad":80,"lifeMs":20000}'`. It does nothing until
 * it reads `go` from standard input, and ends at the end of standard input (its parent is gone) or of its own life, whichever is first.
 */
export type BurnerTask =
  | { readonly cpuLoad: number; readonly lifeMs: number }
  | { readonly megabytes: number; readonly lifeMs: number };

/** How long a burner that is never told to go may wait. */
const idleLifeMs = 120_000;

const task = JSON.parse(process.argv[2] ?? '') as BurnerTask;
const idle = setTimeout(() => process.exit(), idleLifeMs);
process.stdin.once('data', () => {
  clearTimeout(idle);
  setTimeout(() => process.exit(), task.lifeMs);
  if ('cpuLoad' in task) burn(task.cpuLoad);
  else hold(task.megabytes);
});
process.stdin.on('end', () => process.exit());
process.stdout.write('ready\n');

/** Busy for its share of each period. Between periods it listens: to the end of its input, and of its life. */
function burn(loadPercent: number): void {
  const periodMs = 50;
  let periodStart = performance.now();
  const turn = () => {
    const busyUntil = periodStart + (periodMs * loadPercent) / 100;
    while (performance.now() < busyUntil);
    periodStart = Math.max(periodStart + periodMs, performance.now());
    const restMs = periodStart - performance.now();
    if (restMs > 1) setTimeout(turn, restMs);
    else setImmediate(turn);
  };
  turn();
}

/** Really in RAM: every page is written, with bytes that do not compress. */
function hold(megabytes: number): void {
  sacrificeFirst();
  const pattern = randomBytes(64 * 1024);
  const held: Buffer[] = [];
  const step = () => {
    const size = Math.min(16, megabytes - held.length * 16);
    if (size <= 0) return;
    held.push(Buffer.allocUnsafeSlow(size * 1024 * 1024).fill(pattern));
    setImmediate(step);
  };
  step();
  process.on('exit', () => held.length); // Keeps the buffers from being collected.
}

/** Should memory run out after all, the kernel is to end this process, and nothing that matters to anyone. */
function sacrificeFirst(): void {
  try {
    writeFileSync('/proc/self/oom_score_adj', '1000');
  } catch {
    // Not Linux: there is no such choice.
  }
}
