// A tiny testbed: `node target.mjs up|down|status DIRECTORY PORT DELAY_MS [STARTS [COLD_MS]]`. It comes up STARTS times, and not
// again; for COLD_MS after each start it takes ten times as long.
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import path from 'node:path';

const [action, directory, port, delayMs, starts = '1000', coldMs = '0'] = process.argv.slice(2);
const pidFile = path.join(directory, `${port}.pid`);
const countFile = path.join(directory, `${port}.starts`);
const alive = () => {
  try {
    return process.kill(Number(readFileSync(pidFile, 'utf8')), 0);
  } catch {
    return false;
  }
};

if (action === 'serve') {
  // Each start of a process is a little different.
  const own = 0.98 + 0.04 * Math.random();
  const warmAt = Date.now() + Number(coldMs);
  http
    .createServer((_, response) => {
      const factor = own * (Date.now() < warmAt ? 10 : 1);
      setTimeout(() => response.end('ok'), Number(delayMs) * factor * (0.8 + 0.4 * Math.random()));
    })
    .listen(Number(port), '127.0.0.1', () => writeFileSync(pidFile, String(process.pid)));
} else if (action === 'status') process.exit(alive() ? 0 : 1);
else if (action === 'down') {
  if (alive()) process.kill(Number(readFileSync(pidFile, 'utf8')), 'SIGKILL');
  rmSync(pidFile, { force: true });
} else if (action === 'up') {
  const before = existsSync(countFile) ? Number(readFileSync(countFile, 'utf8')) : 0;
  writeFileSync(countFile, String(before + 1));
  if (before >= Number(starts)) {
    console.error('it does not come up any more');
    process.exit(1);
  }
  spawn(process.execPath, [import.meta.filename, 'serve', directory, port, delayMs, starts, coldMs], {
    detached: true,
    stdio: 'ignore',
  }).unref();
  const until = Date.now() + 20_000;
  while (!existsSync(pidFile) && Date.now() < until) await new Promise((resolve) => setTimeout(resolve, 50));
  process.exit(existsSync(pidFile) ? 0 : 1);
}
