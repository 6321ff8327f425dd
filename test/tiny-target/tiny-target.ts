import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { freePorts } from '../free-port.ts';

/** A real HTTP server in a process of its own that is restarted when it dies, and reports that to squall's alert receiver. */
export interface TinyTarget {
  readonly directory: string;
  readonly port: number;
  readonly linkPort: number;
  readonly alertPort: number;
  readonly pidFile: string;
  readonly pid: () => number;
  /** The process that the pid file names, and the one that serves, which is another where a shell is wrapped around it. */
  readonly pids: () => readonly number[];
  stop(): Promise<void>;
}

export interface TinyTargetOptions {
  /** How long after a death it is restarted. */
  readonly restartAfterMs?: number;
  /** Every n-th write is acknowledged but not stored. */
  readonly forgetEvery?: number;
  /** The pid file names a shell, whose child serves: as `npm start` or an entrypoint script. */
  readonly wrapped?: boolean;
}

/** In the background: so the shell stays. The server has the shell's channel to this process. */
const WRAPPED = '"$0" "$1" "$2" "$3" & wait';
const BARE = 'exec "$0" "$1" "$2" "$3"';

export async function startTinyTarget(options: TinyTargetOptions = {}): Promise<TinyTarget> {
  const directory = mkdtempSync(path.join(os.tmpdir(), 'squall-tiny-'));
  const [port = 0, linkPort = 0, alertPort = 0] = await freePorts(3);
  const pidFile = path.join(directory, 'server.pid');
  const store = path.join(directory, 'writes.txt');
  writeFileSync(store, '');
  let child: ChildProcess;
  let serving = 0;
  let stopped = false;
  await start();
  return {
    directory,
    port,
    linkPort,
    alertPort,
    pidFile,
    pid: () => child.pid ?? 0,
    pids: () => [child.pid ?? 0, serving],
    async stop() {
      stopped = true;
      const gone = new Promise((resolve) => child.once('exit', resolve));
      if (child.exitCode === null && child.signalCode === null) {
        // The server ends with this channel, also where its shell is gone by then.
        if (child.connected) child.disconnect();
        child.kill('SIGKILL');
        await gone;
      }
      rmSync(directory, { recursive: true, force: true });
    },
  };

  async function start(): Promise<void> {
    const server = path.join(import.meta.dirname, 'server.mjs');
    const script = options.wrapped ? WRAPPED : BARE;
    child = spawn('sh', ['-c', script, process.execPath, server, String(port), store], {
      env: { ...process.env, FORGET_EVERY: String(options.forgetEvery ?? 0) },
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    const current = child;
    const isUp = await new Promise<boolean>((resolve) => {
      current.once('message', (pid) => {
        serving = Number(pid);
        resolve(true);
      });
      current.once('exit', () => resolve(false));
    });
    if (isUp) writeFileSync(pidFile, String(current.pid));
    const mend = () => {
      if (stopped || !existsSync(directory)) return;
      if (isUp) void alert();
      setTimeout(() => stopped || void start(), options.restartAfterMs ?? 400);
    };
    if (isUp) current.once('exit', mend);
    else mend();
  }

  async function alert(): Promise<void> {
    const alerts = [
      { status: 'firing', labels: { alertname: 'ServerDown', component: 'server' }, annotations: {} },
    ];
    // Outside of a drill nobody listens, which is fine.
    await fetch(`http://127.0.0.1:${alertPort}/`, { method: 'POST', body: JSON.stringify({ alerts }) }).catch(
      () => {},
    );
  }
}
