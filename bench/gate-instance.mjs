// `node gate-instance.mjs up|down|status TESTBED_DIRECTORY baseline|candidate`: one more gateway of a testbed that is up, for a comparison of two.
// They take places of the second studio cloud, which that testbed has not; a process that is left behind goes with the testbed's `down`.
import { spawn } from 'node:child_process';
import { openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const PLACES = {
  baseline: { service: 'second-studio-edge', offset: 25 },
  candidate: { service: 'second-projects', offset: 26 },
};
const WITHIN_MS = 20_000;
const [action, directory, side] = process.argv.slice(2);
const { service, offset } = PLACES[side];
const { id, basePort } = JSON.parse(readFileSync(path.join(directory, 'testbed.json'), 'utf8'));
const program = path.resolve('dist/testbed/gateway/main.js');
const pidFile = path.join(directory, `gate-${side}.pid`);
const health = `http://127.0.0.1:${basePort + offset}/health`;

if (action === 'up') {
  const log = openSync(path.join(directory, 'log', `gate-${side}.log`), 'a');
  const child = spawn(process.execPath, [program, service], {
    cwd: directory,
    detached: true,
    stdio: ['ignore', log, log],
    env: {
      PATH: process.env.PATH,
      SQUALL_TESTBED_ID: id,
      SQUALL_TESTBED_DIR: directory,
      SQUALL_TESTBED_SERVICE: service,
    },
  });
  child.unref();
  writeFileSync(pidFile, String(child.pid));
  process.exitCode = (await until(async () => (await answers()) && isOurs())) ? 0 : 1;
} else if (action === 'down') {
  if (isOurs()) process.kill(pid(), 'SIGTERM');
  process.exitCode = (await until(async () => !isOurs())) ? 0 : 1;
  rmSync(pidFile, { force: true });
} else process.exitCode = isOurs() && (await answers()) ? 0 : 1;

function pid() {
  return Number(readFileSync(pidFile, 'utf8'));
}

/** A pid is used again by others: its command line says whose it is. */
function isOurs() {
  try {
    return readFileSync(`/proc/${pid()}/cmdline`, 'utf8').includes(`${program}\0${service}`);
  } catch {
    return false;
  }
}

async function answers() {
  try {
    const response = await fetch(health, { signal: AbortSignal.timeout(1_000) });
    return response.status === 200;
  } catch {
    return false;
  }
}

async function until(holds) {
  const end = Date.now() + WITHIN_MS;
  while (Date.now() < end) {
    if (await holds()) return true;
    await sleep(50);
  }
  return false;
}
