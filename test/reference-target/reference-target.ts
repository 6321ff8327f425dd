import { type ChildProcess, fork } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { freePorts } from '../free-port.ts';
import { preferred } from './recorded-run.ts';

/** Misbehaviour from `from` to `to`, in milliseconds after the script starts. */
export interface ScriptedWindow {
  readonly name: string;
  readonly mode: 'error' | 'reset' | 'blackhole' | 'stall' | 'delay' | 'refuse';
  readonly from: number;
  readonly to: number;
  /** Affects only every n-th request (3: one of three replicas). */
  readonly every?: number;
  readonly delayMs?: number;
  /** The delay at the end of the window; it rises steadily. */
  readonly delayToMs?: number;
}

/** What the target did, on its own clock (epoch milliseconds). */
export interface TargetRecord {
  readonly windows: readonly {
    readonly name: string;
    readonly mode: string;
    readonly from: number;
    readonly to: number;
  }[];
  readonly acknowledged: readonly string[];
  readonly lost: readonly string[];
  readonly duplicated: readonly string[];
  readonly alertSentAt: number | null;
  /** When it was listening and its pid file named it. */
  readonly startedAt: number;
  readonly requests: number;
  /** When each request arrived. */
  readonly arrivals: readonly number[];
  /** Stretches of more than 4 ms in which it could do nothing: the machine was busy, or somebody froze it. */
  readonly pauses: readonly { readonly from: number; readonly to: number }[];
}

export interface ReferenceTarget {
  readonly url: string;
  readonly port: number;
  /** Its deaths, as the time of the last heartbeat before each. Null when it died before the first. */
  readonly deaths: readonly (number | null)[];
  /** Starts the script's clock; resolves with its zero (epoch milliseconds). */
  play(script: {
    readonly windows: readonly ScriptedWindow[];
    /** Every n-th acknowledged write, or those with these numbers (from 1). */
    readonly writes?: {
      readonly loseEvery?: number;
      readonly duplicateEvery?: number;
      readonly lose?: readonly number[];
      readonly duplicate?: readonly number[];
    };
    readonly alert?: {
      readonly at: number;
      readonly url: string;
      readonly body: string;
      /** Sent at once. */
      readonly first?: string;
    };
  }): Promise<number>;
  record(): Promise<TargetRecord>;
  stop(): Promise<void>;
}

export interface ReferenceTargetOptions {
  /** Where `server.pid` and `heartbeat` go. */
  readonly directory?: string;
  /** How long after its death it is restarted; left out: never. */
  readonly restartAfterMs?: number;
  /** It gets priority on a busy machine, unless it has to share fairly with an orchestrator in the same session. */
  readonly fair?: boolean;
}

export async function startReferenceTarget(options: ReferenceTargetOptions = {}): Promise<ReferenceTarget> {
  const { directory, restartAfterMs, fair = false } = options;
  const [port = 0] = await freePorts(1);
  const deaths: (number | null)[] = [];
  let stopped = false;
  let child = start();
  let ready = reply(child, 'ready');
  await ready;
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    deaths,
    async play(script) {
      child.send({ type: 'script', ...script });
      return ((await reply(child, 'scripted')) as unknown as { zero: number }).zero;
    },
    async record() {
      await ready;
      child.send({ type: 'record' });
      return ((await reply(child, 'record')) as unknown as { record: TargetRecord }).record;
    },
    async stop() {
      stopped = true;
      if (child.exitCode !== null || child.signalCode !== null) return;
      const gone = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGKILL');
      await gone;
    },
  };

  function start(): ChildProcess {
    const args = [String(port), ...(directory === undefined ? [] : [directory])];
    const one = fork(path.join(import.meta.dirname, 'server.mjs'), args, { execArgv: [] });
    if (!fair) preferred(one.pid);
    one.once('exit', () => {
      if (directory !== undefined) deaths.push(lastHeartbeat(directory));
      if (stopped || restartAfterMs === undefined) return;
      setTimeout(() => {
        if (stopped) return;
        child = start();
        ready = reply(child, 'ready');
        // Pass it on to whoever is waiting for the record.
        ready.catch(() => {});
      }, restartAfterMs);
    });
    return one;
  }
}

function lastHeartbeat(directory: string): number | null {
  const bytes = readFileSync(path.join(directory, 'heartbeat'));
  return bytes.length < 8 ? null : bytes.readDoubleLE(0);
}

function reply(child: ChildProcess, type: string): Promise<{ type: string }> {
  return new Promise((resolve, reject) => {
    const onExit = () => reject(new Error('the reference target ended'));
    const onMessage = (message: unknown) => {
      const said = message as { type: string };
      if (said.type !== type) return;
      child.off('exit', onExit);
      child.off('message', onMessage);
      resolve(said);
    };
    child.once('exit', onExit);
    child.on('message', onMessage);
  });
}
