import { existsSync, readFileSync } from 'node:fs';
import type { ExecPlace } from '../../../chaos/kubernetes/exec.ts';
import type { K6OperatorSettings } from '../../../chaos/schema/load.ts';
import { now, sleep } from '../../clock.ts';
import type { SampleStream } from '../../samples/types.ts';
import type { LoadExit } from '../runner.ts';
import type { ClockOffset } from './clock-offset.ts';
import type { LoadCluster } from './cluster.ts';
import type { RunnerLogs } from './logs.ts';
import { measureClock } from './measure-clock.ts';
import { K6_CONTAINER, type PodState, podState } from './pod-state.ts';
import { type Pump, pumpSamples } from './pump.ts';
import { SAY_DRAINED, SAY_READY, SIDECAR } from './sidecar.ts';
import { runnersOf } from './test-run.ts';

export interface RunnersInput {
  readonly cluster: LoadCluster;
  readonly settings: K6OperatorSettings;
  readonly name: string;
  readonly stream: SampleStream;
  /** One for each runner. */
  readonly fifos: readonly string[];
  readonly logs: RunnerLogs;
}

/** The runners of one load, from their pods to the last sample. Whatever becomes of one of them becomes of the load. */
export interface RunnersOfLoad {
  readonly list: readonly Runner[];
  /** Resolves with what went wrong as soon as something did; else never. */
  readonly lost: Promise<string>;
  /** The same, by now. */
  problem(): string | null;
  readonly ended: Promise<Pick<LoadExit, 'exitCode' | 'signal' | 'which'>>;
  /** For the calls that make the load. Aborts when it is stopped. */
  readonly signal: AbortSignal;
  /** The objects are there: look after the pods from now on. */
  watch(): void;
  fail(why: string): void;
  /** squall ends the load: what happens to the runners now is its own doing. */
  stopping(): void;
  /** They are gone. */
  stopped(): void;
}

export interface Runner {
  /** For people: the pod and its node. */
  readonly place: string;
  readonly clock: ClockOffset | null;
  /** On squall's own machine. */
  readonly isHere: boolean;
}

interface Mutable {
  readonly number: number;
  place: string;
  pod: PodState | null;
  clock: ClockOffset | null;
  isHere: boolean;
  isAttached: boolean;
  hasLog: boolean;
  pump: Pump | null;
  /** Its samples have ended: null as they should. */
  samples: { readonly why: string | null; readonly at: number } | null;
}

/** Another one for each start of a machine; the same in all its containers. */
const BOOT_ID = '/proc/sys/kernel/random/boot_id';
const POLL_MS = 500;
/** The API server may restart during a run. */
const UNSEEN_MS = 20_000;
/** k6 says something each second. */
const SILENT_MS = 20_000;
/** A stream that breaks is often the first sign of a pod that is going: Kubernetes says why soon after. */
const EXPLAIN_MS = 4_000;
/** A node on which many pods start at once is slow to run one program more. */
const ASK_MS = 15_000;
/** When k6 has ended, the last samples and the end of the stream follow at once. */
const LAST_SAMPLES_MS = 30_000;

export function runnersOfLoad(input: RunnersInput): RunnersOfLoad {
  const { cluster, settings, name, stream, fifos, logs } = input;
  const runners = fifos.map(
    (_, i): Mutable => ({
      number: i + 1,
      place: 'no pod yet',
      pod: null,
      clock: null,
      isHere: false,
      isAttached: false,
      hasLog: false,
      pump: null,
      samples: null,
    }),
  );
  const over = new AbortController();
  const ownBoot = existsSync(BOOT_ID) ? readFileSync(BOOT_ID, 'utf8').trim() : '';
  let problem: string | null = null;
  let isStopping = false;
  let hasBegun = false;
  let beganLooking = 0;
  let lastSeen = 0;
  const exits = new Map<Mutable, number>();
  let say!: (why: string) => void;
  const lost = new Promise<string>((resolve) => {
    say = resolve;
  });
  let finish!: (exit: Pick<LoadExit, 'exitCode' | 'signal' | 'which'>) => void;
  const ended = new Promise<Pick<LoadExit, 'exitCode' | 'signal' | 'which'>>((resolve) => {
    finish = resolve;
  });
  void stream.begun.then(() => {
    hasBegun = true;
  });

  return {
    list: runners,
    lost,
    problem: () => problem,
    ended,
    signal: over.signal,
    fail,
    watch: () => void watch().catch((cause: Error) => fail(cause.message)),
    stopping() {
      isStopping = true;
      runners.forEach(passEnd);
      over.abort();
    },
    stopped() {
      for (const { pump } of runners) pump?.close();
      finish({ exitCode: null, signal: 'SIGTERM' });
      void stream.end.then(() => {
        for (const { pump } of runners) pump?.destroy();
      });
    },
  };

  function fail(why: string): void {
    if (isStopping || problem !== null) return;
    problem = why;
    say(why);
  }

  function failOf(runner: Mutable, what: string): void {
    fail(`runner ${runner.number} of ${runners.length} (${runner.place}) ${what}`);
  }

  async function watch(): Promise<void> {
    beganLooking = now();
    lastSeen = beganLooking;
    const poll = { namespace: settings.namespace, labels: runnersOf(name) };
    while (!isStopping && problem === null) {
      try {
        const pods = await cluster.pods(poll, over.signal);
        lastSeen = now();
        for (const runner of runners) {
          const job = `${name}-${runner.number}`;
          const pod = pods.find(({ metadata }) => metadata?.labels?.['job-name'] === job);
          look(runner, pod === undefined ? null : podState(pod));
        }
      } catch (cause) {
        if (now() - lastSeen > UNSEEN_MS)
          fail(`its runners cannot be looked after: ${(cause as Error).message}`);
      }
      checkStart();
      if (runners.every((runner) => exits.has(runner) && runner.samples?.why === null)) {
        complete();
        return;
      }
      await sleep(POLL_MS, over.signal);
    }
  }

  function look(runner: Mutable, pod: PodState | null): void {
    if (pod === null) {
      if (runner.pod !== null && !exits.has(runner)) failOf(runner, 'is gone: its pod was deleted');
      return;
    }
    runner.pod = pod;
    runner.place = pod.node === '' ? `pod ${pod.name}` : `pod ${pod.name} on ${pod.node}`;
    if (pod.hopeless !== null) {
      failOf(runner, pod.hopeless);
      return;
    }
    if (pod.isSidecarUp && !runner.isAttached) {
      runner.isAttached = true;
      void attach(runner, pod).catch((cause: Error) => failOf(runner, `cannot be read: ${cause.message}`));
    }
    if (pod.hasStarted && !runner.hasLog) {
      runner.hasLog = true;
      logs.follow(at(pod, K6_CONTAINER), runner.number);
    }
    if (pod.exit !== null && !exits.has(runner)) {
      exits.set(runner, pod.exit.code);
      // 110: the script declared the test failed, which is an answer. All others end early, and the load is not what it should be.
      if (pod.exit.code !== 0 && pod.exit.code !== FAILED)
        failOf(runner, `ended with ${pod.exit.code}${pod.exit.how === 'Error' ? '' : ` (${pod.exit.how})`}`);
    }
    passEnd(runner);
    checkSamples(runner);
  }

  /** The end of its samples alone is no good end: a k6 that is killed leaves one, too. */
  function passEnd(runner: Mutable): void {
    const isMeant = isStopping || exits.has(runner);
    if (problem === null && isMeant && runner.samples?.why === null) runner.pump?.pass();
  }

  /** Reads a runner's clock, then its samples, and only then lets k6 start. */
  async function attach(runner: Mutable, pod: PodState): Promise<void> {
    const sidecar = at(pod, SIDECAR);
    runner.clock = await measureClock(cluster, sidecar);
    runner.isHere = ownBoot !== '' && (await bootOf(sidecar)) === ownBoot;
    stream.setOffset(runner.number - 1, Math.round(runner.clock.offsetMs * 1e6));
    const pump = await pumpSamples(cluster, sidecar, fifos[runner.number - 1] as string);
    runner.pump = pump;
    void pump.ended.then((why) => {
      runner.samples = { why, at: now() };
      passEnd(runner);
      if (why === null) ask(sidecar, SAY_DRAINED).catch(() => {});
    });
    await ask(sidecar, SAY_READY);
  }

  async function bootOf(sidecar: ExecPlace): Promise<string> {
    return (await ask(sidecar, ['cat', BOOT_ID])).trim();
  }

  function ask(sidecar: ExecPlace, command: readonly string[]): Promise<string> {
    return cluster.exec(sidecar, command, AbortSignal.timeout(ASK_MS), ASK_MS);
  }

  function checkSamples(runner: Mutable): void {
    const { samples, pump } = runner;
    if (samples !== null && samples.why !== null && now() - samples.at > EXPLAIN_MS)
      failOf(runner, `was cut from its stream: ${samples.why}`);
    if (samples !== null || pump === null) return;
    const silentMs = now() - pump.lastAt;
    if (exits.has(runner) && silentMs > LAST_SAMPLES_MS)
      failOf(runner, `has ended, and the end of its samples did not come`);
    else if (hasBegun && !pump.isWaiting && silentMs > SILENT_MS)
      failOf(runner, `has sent no sample for ${Math.round(silentMs / 1000)} s`);
  }

  function checkStart(): void {
    if (hasBegun || now() - beganLooking < settings.startWithin) return;
    const late = runners.find(({ pump }) => pump === null) ?? runners.find(({ pump }) => !pump?.hasData);
    const within = `within ${Math.round(settings.startWithin / 1000)} s`;
    if (late === undefined) {
      fail(`not all of its ${runners.length} runners sent a request ${within}`);
      return;
    }
    const why =
      late.pod === null ? 'k6-operator made no pod for it' : (late.pod.waitsFor ?? 'it did not start k6');
    failOf(late, `did not start ${within}: ${why}`);
  }

  function complete(): void {
    const [runner, code] = [...exits].find(([, one]) => one !== 0) ?? [null, 0];
    const which = runner === null ? {} : { which: `runner ${runner.number} (${runner.place})` };
    finish({ exitCode: code, signal: null, ...which });
  }

  function at(pod: PodState, container: string) {
    return { namespace: settings.namespace, pod: pod.name, container };
  }
}

/** k6's exit code of `test.fail()`. */
const FAILED = 110;
