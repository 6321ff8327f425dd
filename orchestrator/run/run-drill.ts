import { readdirSync, rmdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import type { UndoRecord } from '../../chaos/provider.ts';
import { now } from '../clock.ts';
import { readJournal } from '../journal/read-journal.ts';
import { redactor } from '../journal/redact.ts';
import { journalOf } from '../journal/run-directory.ts';
import { acknowledgedWrites } from '../judge/acknowledged.ts';
import { judgeRun } from '../judge/judge.ts';
import type { Judgement, RecordedRun } from '../judge/types.ts';
import { startLoads } from '../load/loads.ts';
import { tryOutLoads } from '../load/try-out.ts';
import { readableMs } from '../objectives/number-text.ts';
import { receiveAlerts } from '../observe/alerts.ts';
import { createHttpClient, type HttpClient } from '../observe/http-client.ts';
import { matchesAlert, watchProbes } from '../observe/probe-watch.ts';
import { checkWrites } from '../observe/writes.ts';
import type { ResolvedPlan } from '../plan.types.ts';
import { release } from '../recovery/active-run.ts';
import { LeftBehindError } from '../recovery/left-behind-error.ts';
import type { ToldOutcome } from '../report/integrations/told.ts';
import { writeReport } from '../report/write-report.ts';
import { LEAST_MS } from '../samples/live/reach.ts';
import { asResidue } from '../undo.ts';
import { createLoadPace } from './load-pace.ts';
import { MACHINE_HELP, machineTrouble } from './machine-trouble.ts';
import { type OpenRun, openRun } from './open-run.ts';
import type { DrillOptions, LivingOptions, PreparingOptions } from './options.ts';
import { faultsOf, openSessions, type Sessions } from './sessions.ts';
import { describeSilence, unsteadyBecause, watchSteady } from './steady.ts';
import { stopText } from './stop-text.ts';
import { tellAll } from './tell-all.ts';
import { bringUpTestbed } from './testbed-for-run.ts';
import { runTimeline, type WatchedFault } from './timeline.ts';
import { watchNames } from './unknown-names.ts';
import { watchUnreached } from './unreached.ts';
import { withEnd } from './unwritten-end.ts';
import { quietSeen, watchUses } from './use-of-faults.ts';
import { type WatchedMachine, watchMachineOf } from './watch-machine.ts';

export interface DrillResult extends Judgement {
  readonly directory: string;
  /** Why the report is missing or incomplete (a full disk, say); null when it is complete. */
  readonly reportProblem: string | null;
  /** Who was told how the run ended (`integrations` of the environment); none of them has a say in the verdict. */
  readonly told: readonly ToldOutcome[];
}

/**
 * Runs a drill from the lock to the report. Whatever happens on the way, everything that was changed is undone, and the run is
 * judged by what was written down. @throws only when no load was started: a taken environment, a testbed that does not come
 * up, targets that cannot be found or that the limits refuse; nothing is left then.
 */
export async function runDrill(options: DrillOptions): Promise<DrillResult> {
  const run = await openRun(options);
  try {
    return await lifeOf(options, run);
  } finally {
    // Not before the report is written: a second Ctrl-C must not lose the evidence.
    run.stopper.close();
  }
}

async function lifeOf(options: DrillOptions, run: OpenRun): Promise<DrillResult> {
  const ready = await prepare(options, run).catch((error: Error) => error);
  if (ready instanceof Error && run.stopper.stopped() === null) {
    const { left } = await windDown(run, options.secrets);
    ready.message = redactor(options.secrets)(ready.message);
    if (left.length > 0) throw new LeftBehindError(ready.message, left, run.active.run);
    discardRun(run);
    throw ready;
  }
  if (!(ready instanceof Error)) {
    await live(options, run, ready).catch((error: Error) => run.stopper.stop('error', error.message));
  }
  const { recorded, left } = await windDown(run, options.secrets);
  const judgement = withResidue(await judgeRun(recorded), left);
  const reportProblem = await writeReport(run.directory, judgement, recorded).then(
    () => null,
    (error: Error) => error.message,
  );
  return {
    ...judgement,
    directory: run.directory,
    reportProblem,
    told: await tellAll(options, judgement, recorded),
  };
}

interface Ready {
  readonly plan: ResolvedPlan;
  readonly faults: readonly WatchedFault[];
  readonly http: HttpClient;
  readonly machine: WatchedMachine;
}

/** Everything before the load: the system is up, the faults' targets are known and allowed, links and receivers are open. */
async function prepare(options: PreparingOptions, run: OpenRun): Promise<Ready> {
  run.stopper.signal.throwIfAborted();
  const sessions: Sessions = new Map();
  const machine = watchMachineOf(run, () =>
    [...sessions.values()].flatMap((session) => session.carriers?.() ?? []),
  );
  const http = createHttpClient(options.environment.http);
  run.cleanups.add('requests of probes', () => http.close());
  // What an application connects to at its start has to be there before it: links.
  await openSessions(options.openFirst ?? [], { environment: options.environment, run, sessions });
  if (options.environment.testbed) await bringUpTestbed(options, run);
  run.stopper.signal.throwIfAborted();
  const plan = await options.resolve(run.stopper.signal);
  const unknown = await tryOutLoads(plan.loads, {
    run: run.active.run,
    arm: run.ledger.arm,
    disarm: run.ledger.disarm,
    signal: run.stopper.signal,
  });
  if (unknown !== null) run.write({ type: 'note', text: unknown });
  run.stopper.signal.throwIfAborted();
  if (options.environment.alerts) {
    const { listen } = options.environment.alerts;
    const receiver = await receiveAlerts({
      listen,
      async onAlerts(alerts) {
        if (!(await run.writeMany(alerts.map((alert) => ({ type: 'alert', alert })))))
          throw new Error('the alerts were not written down');
      },
      onRefused: (count, reason) => run.write({ type: 'alerts-refused', count, reason }),
    });
    run.cleanups.add('alert receiver', () => receiver.close());
  }
  run.stopper.signal.throwIfAborted();
  await openSessions(plan.providers, { environment: options.environment, run, sessions });
  for (const session of sessions.values()) await session.announce?.();
  const faults = watchUses(faultsOf(plan, run, sessions), run.write);
  run.cleanups.add('watch of use', async () => {
    await Promise.all(faults.map(({ use }) => use.close()));
  });
  return { plan, faults, http, machine };
}

/** Load and faults, until both are over. */
async function live(
  options: LivingOptions,
  run: OpenRun,
  { plan, faults, http, machine }: Ready,
): Promise<void> {
  const { stopper, write } = run;
  const taken = new Set<string>();
  const leave = async (record: UndoRecord) => {
    if (taken.has(record.id)) return;
    taken.add(record.id);
    await run.ledger.arm(record);
  };
  const probes = watchProbes({
    probes: options.drill.probes,
    write,
    stop: stopper.signal,
    http,
    ask: (probe, signal, since) => plan.ask(probe, signal, since, leave),
  });
  run.listen((event) => probes.seen(event));
  run.listen((event) => {
    if (event.type !== 'alert') return;
    const index = options.drill.stop.findIndex(
      (stop) => 'alert' in stop && matchesAlert(event.alert, stop.alert),
    );
    if (index !== -1)
      stopper.stop('stop-condition', `stop[${index}]: ${stopText(options.drill.stop[index])}`);
  });
  const steady = watchSteady(options.drill.steady.for);
  run.listen((event) => {
    if (event.type === 'load-ended') steady.ended(event.load, event.exitCode === 0 && event.streamComplete);
  });
  const unreached = watchUnreached(plan.loads.length);
  run.listen((event) => unreached.event(event));
  const names = watchNames(plan.objectives, plan.loads.length);
  let namesAreDue = Number.POSITIVE_INFINITY;
  let warmUntil = options.drill.steady.after === undefined ? 0 : Number.POSITIVE_INFINITY;
  /** What a stop condition looks back on must not reach into the warm-up. */
  const isPastWarmUp = (index: number) => {
    const stop = options.drill.stop[index];
    return warmUntil === 0 || now() >= warmUntil + (stop !== undefined && 'for' in stop ? stop.for : 0);
  };
  for (const text of options.notes ?? []) write({ type: 'note', text });
  const pace = createLoadPace();
  let quietUntil = now();
  const loads = await startLoads({
    run: run.active.run,
    loads: plan.loads,
    k6: options.k6,
    directory: run.directory,
    dashboardPort: options.dashboardPort,
    steadyWindowMs: options.drill.steady.for,
    objectives: plan.objectives,
    stop: options.drill.stop,
    secrets: options.secrets,
    arm: run.ledger.arm,
    disarm: run.ledger.disarm,
    write,
    async beforeGo() {
      await quietSeen(faults, stopper.signal);
      quietUntil = now();
    },
    onLost: (load, detail) => stopper.stop('error', `the samples of load ${load + 1} are lost: ${detail}`),
    onTick(load, tick) {
      steady.tick(load, tick);
      machine.tick(load, tick);
      pace.tick(load, tick);
      options.progress?.tick(tick, load);
      unreached.tick(load, tick);
      names.tick(load, tick);
      if (now() >= namesAreDue) tellNames();
      const nobody = now() < warmUntil + LEAST_MS ? null : unreached.told();
      if (nobody !== null) stopper.stop('unreached', nobody);
      for (const index of tick.breached.filter(isPastWarmUp))
        stopper.stop('stop-condition', `stop[${index}]: ${stopText(options.drill.stop[index])}`);
      for (const index of tick.breachedBySilence.filter(isPastWarmUp))
        stopper.stop('stop-condition', `stop[${index}]: ${describeSilence(tick)}`);
    },
  });
  stopper.signal.addEventListener('abort', () => void loads.stop(), { once: true });
  if (stopper.signal.aborted) await loads.stop();
  const loadOver = new AbortController();
  void loads.k6Ended.then(() => loadOver.abort());
  const zeroAt = await loads.firstSampleAt;
  if (zeroAt === null) {
    await loads.ended;
    return;
  }
  write({ type: 'first-sample', time: zeroAt });
  const { after } = options.drill.steady;
  warmUntil = after === undefined ? 0 : zeroAt + after;
  namesAreDue = zeroAt + (after ?? 0) + options.drill.steady.for;
  if (after !== undefined)
    write({ type: 'note', text: `a warm-up of ${readableMs(after)}, which nobody judges` });
  const gate = steadyGate();
  await runTimeline(faults, {
    zeroAt,
    quietUntil,
    pace,
    stop: stopper.signal,
    loadOver: loadOver.signal,
    steadyGate: gate,
    write,
    writeAside: run.writeAside,
    arm: run.ledger.arm,
    disarm: run.ledger.disarm,
    undo: run.ledger.undo,
    allow: plan.allow,
    maxTargets: options.environment.allow?.maxTargets ?? 0,
  });
  await loads.ended;
  await probes.settled();
  await lookUpWrites(options, run, http, loads.recordings);

  /** Once, and early: at the end of the run this would be all that it says. */
  function tellNames(): void {
    namesAreDue = Number.POSITIVE_INFINITY;
    for (const text of names.told())
      void run.writeMany([{ type: 'note', text: `up to now, objective ${text}` }]);
  }

  /** Asked by every fault, answered once. */
  function steadyGate(): () => Promise<boolean> {
    let answer: Promise<boolean> | null = null;
    return () => {
      answer ??= askSteady();
      return answer;
    };
  }

  async function askSteady(): Promise<boolean> {
    const unsteady = await steady.verdict(stopper.signal);
    const to = now();
    const trouble = machineTrouble(machine.seconds, { from: to - options.drill.steady.for, to });
    if (unsteady === null && trouble !== null)
      // Aside: the fault is due.
      void run.writeMany([
        { type: 'note', text: `${trouble}. The steady state held; to be safe, ${MACHINE_HELP}` },
      ]);
    const problem =
      unsteady === null ? null : unsteadyBecause([unsteady, ...names.told()].join('; '), trouble);
    if (problem === null) await run.writeAside({ type: 'steady-held', forMs: options.drill.steady.for });
    else {
      write({ type: 'steady-failed', reason: problem });
      stopper.stop('steady-state', `the steady state was not there when the first fault was due: ${problem}`);
    }
    return problem === null;
  }
}

async function lookUpWrites(
  options: Pick<LivingOptions, 'drill' | 'environment' | 'cwd'>,
  run: OpenRun,
  http: HttpClient,
  recordings: readonly string[],
): Promise<void> {
  const { writes } = options.environment;
  if (!options.drill.writes || !writes || run.stopper.stopped()) return;
  const lookUp = { ...writes, cwd: options.cwd };
  run.write(await checkWrites(acknowledgedWrites(recordings), lookUp, http, run.stopper.signal));
}

/**
 * The run knows what it left behind; its journal need not, in either direction: a full disk keeps out what is left, and also that
 * something was undone.
 */
function withResidue(judgement: Judgement, left: readonly UndoRecord[]): Judgement {
  return { ...judgement, verdict: { ...judgement.verdict, residue: left.map(asResidue) } };
}

/** Undoes and closes everything, records what is left behind, and releases the environment. */
async function windDown(
  run: OpenRun,
  secrets: readonly string[],
): Promise<{ readonly recorded: RecordedRun; readonly left: readonly UndoRecord[] }> {
  const problems = await run.cleanups.run();
  for (const problem of problems) run.write({ type: 'note', text: `closing: ${problem}` });
  const left = await run.ledger.undoEverything();
  for (const record of left) run.write({ type: 'residue', ...asResidue(record) });
  run.write({ type: 'run-ended', clockStepMs: Math.round(run.clock.stop()) });
  run.journal.close();
  await run.dismissGuardian();
  if (left.length === 0) release(run.active);
  const { lines, damage } = readJournal(journalOf(run.directory));
  return {
    recorded: {
      directory: run.directory,
      lines: withEnd(lines, run.stopper.stopped(), redactor(secrets)),
      damage,
    },
    left,
  };
}

/** A run that never started leaves no report. Its directory is removed if only squall's own files are in it. */
function discardRun(run: OpenRun): void {
  for (const file of [journalOf(run.directory), path.join(run.directory, 'guardian.log')])
    rmSync(file, { force: true });
  if (readdirSync(run.directory).length === 0) rmdirSync(run.directory);
}
