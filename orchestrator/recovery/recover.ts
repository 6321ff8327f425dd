import { existsSync, statSync } from 'node:fs';
import path from 'node:path';
import { deadline } from '../../chaos/deadline.ts';
import { isAlive, type ProcessIdentity } from '../../chaos/process-identity.ts';
import type { Provider, UndoRecord } from '../../chaos/provider.ts';
import type { Environment } from '../../chaos/schema/environment.ts';
import type { LoadSettings } from '../../chaos/schema/load.ts';
import { sleep } from '../clock.ts';
import type { JournalLine } from '../journal/events.ts';
import { describeDamage, readJournal } from '../journal/read-journal.ts';
import { journalOf } from '../journal/run-directory.ts';
import { asResidue, outstanding, removeLeftovers, type Undoing, undoAll, undoDone } from '../undo.ts';
import type { Residue } from '../verdict.types.ts';
import { type ActiveRun, isUnderWay, listActive, release } from './active-run.ts';
import { damageAsResidue, declaredClean, mayBeLeft, unansweredDamage } from './damage.ts';
import { onHost } from './elsewhere.ts';
import { openForHealing } from './healing-journal.ts';
import { acquireHold, silentHolder } from './hold.ts';
import { describeOutOfReach, type OutOfReach, outOfReach, outOfReachAsResidue } from './out-of-reach.ts';
import { withinSight } from './out-of-sight.ts';

export interface RecoveredRun {
  readonly run: string;
  readonly undone: readonly string[];
  readonly residue: readonly Residue[];
  /** Set when nothing could be done: the run is alive, or its journal cannot be read. */
  readonly refused: string | null;
  /** What cannot be known and was declared clean now (`declareClean`). */
  readonly declared?: readonly string[];
  /** Why the journal does not say what was undone or declared now: it cannot be written. */
  readonly unwritten?: string;
  /** Set for a run that was killed, and that is clean already: its directory. */
  readonly killed?: string;
}

export interface RecoverOptions {
  /** A run's id or directory; left out: all runs that died on this machine. */
  readonly run?: string;
  readonly undoing: readonly Undoing[];
  /**
   * The user has looked, and nothing is left of what a damaged or missing journal hides, or of what is out of reach. Everything
   * that can be undone is undone first.
   */
  readonly declareClean?: boolean;
  /** How long to wait for a guardian that is still undoing; left out: 15 s. */
  readonly guardianPatienceMs?: number;
  /** How long a run of another container has to give no sign of life until it is dead; left out: 15 s. */
  readonly silenceMs?: number;
}

const GUARDIAN_PATIENCE_MS = 15_000;

/** Undoes whatever dead runs left behind. Can be repeated. A problem with one run does not make it reject. */
export async function recover(options: RecoverOptions): Promise<readonly RecoveredRun[]> {
  const wanted = options.run;
  const locked = listActive().filter(
    (active) => wanted === undefined || active.run === wanted || sameDirectory(active, wanted),
  );
  const recovered: RecoveredRun[] = [];
  for (const active of locked) recovered.push(await recoverLocked(active, options));
  // A directory without a lock: copied from another machine, or already recovered.
  if (wanted !== undefined && locked.length === 0) {
    const undoing = options.undoing.map((one) => (one.runsCommands ? runningNothing(one) : one));
    recovered.push(await recoverDirectory(wanted, `'${wanted}'`, { ...options, undoing }));
  }
  return recovered;
}

/** A journal without a lock on this machine may come from anybody: its commands are shown, not run. */
function runningNothing({ name }: Undoing): Undoing {
  const detail = 'this machine knows nothing of that run: its command is not run';
  return { name, undo: async () => ({ state: 'failed', detail }) };
}

export interface SweepOptions {
  readonly environment: Environment;
  readonly providers: readonly Provider[];
  /** The load runners: their loads may be in the environment, too. */
  readonly runners: readonly LoadFinder[];
  readonly run?: string;
}

export interface LoadFinder extends Undoing {
  findResidue?(
    settings: LoadSettings,
    run: string | undefined,
    signal: AbortSignal,
  ): Promise<readonly UndoRecord[]>;
}

/**
 * Undoes everything in an environment that carries squall's marks, with or without a journal. Refused while a run is under way there,
 * because its faults carry the same marks.
 */
export async function recoverEnvironment(options: SweepOptions): Promise<readonly RecoveredRun[]> {
  const { environment, run } = options;
  for (const active of listActive())
    if (active.environment === environment.name && (await isUnderWay(active))) return [underWay(active)];
  const recovered: RecoveredRun[] = [];
  for (const provider of options.providers) {
    const used = Object.values(environment.components).some(
      (component) => component.provider === provider.name,
    );
    if (!used || !provider.findResidue) continue;
    const request = run === undefined ? { environment } : { environment, run };
    await sweep(provider, await provider.findResidue(request, deadline(SWEEP_DEADLINE_MS)));
  }
  const { load } = environment;
  const runner = options.runners.find(({ name }) => name === load?.runner);
  if (load !== undefined && runner?.findResidue)
    await sweep(runner, await runner.findResidue(load, run, deadline(SWEEP_DEADLINE_MS)));
  return recovered;

  async function sweep(undoing: Undoing, records: readonly UndoRecord[]): Promise<void> {
    const undone: string[] = [];
    const failed = await undoAll(records, [undoing], (record, outcome) => {
      if (outcome.state !== 'failed') undone.push(`${record.describe}: ${outcome.detail}`);
    });
    recovered.push({
      run: `environment ${environment.name}`,
      undone,
      residue: failed.map(asResidue),
      refused: null,
    });
  }
}

const SWEEP_DEADLINE_MS = 30_000;

async function recoverLocked(active: ActiveRun, options: RecoverOptions): Promise<RecoveredRun> {
  if (await isUnderWay(active, options.silenceMs)) return underWay(active);
  const { guardian } = active;
  const patienceMs = options.guardianPatienceMs ?? GUARDIAN_PATIENCE_MS;
  if (guardian) for (let waited = 0; isAlive(guardian) && waited < patienceMs; waited += 50) await sleep(50);
  // Two processes that append to one journal would break its chain.
  if (guardian && isAlive(guardian)) {
    const refused = `its guardian (pid ${guardian.pid}) is still undoing its faults, which may take a minute: run this again, or end the guardian if it is stuck`;
    return { run: active.run, undone: [], residue: [], refused };
  }
  if (!existsSync(journalOf(active.directory))) return withoutJournal(active, options);
  const undoing = withinSight(options.undoing, active);
  const result = await recoverDirectory(active.directory, active.run, { ...options, undoing });
  const isClean = result.refused === null && result.residue.length === 0;
  return { ...result, run: active.run, ...(isClean ? { refused: releaseOr(active) } : {}) };
}

/** Null, or why the environment is still taken. */
function releaseOr(active: ActiveRun): string | null {
  try {
    release(active);
    return null;
  } catch (error) {
    return `nothing of it is left, but its lock cannot be removed: ${(error as Error).message}; make that directory writable, and run this again`;
  }
}

function underWay({ run, owner, place }: ActiveRun): RecoveredRun {
  const refused = `the run is under way (pid ${owner.pid}${onHost(place)}); end it with: squall stop ${run}`;
  return { run, undone: [], residue: [], refused };
}

/** A run without a guardian had armed nothing. Otherwise only a person can find out what is left. */
function withoutJournal(active: ActiveRun, { undoing, declareClean = false }: RecoverOptions): RecoveredRun {
  const recovered = { run: active.run, undone: [], residue: [], refused: null };
  const unknown = `the journal in ${active.directory} is gone: what the run had armed is not known`;
  if (active.guardian !== null && !declareClean)
    return { ...recovered, residue: [mayBeLeft(unknown, active.run)] };
  removeLeftovers(active.directory, undoing);
  const refused = releaseOr(active);
  return { ...recovered, refused, ...(active.guardian === null ? {} : { declared: [unknown] }) };
}

async function recoverDirectory(
  directory: string,
  name: string,
  { undoing, declareClean = false, silenceMs }: RecoverOptions,
): Promise<RecoveredRun> {
  const file = journalOf(directory);
  const run = path.basename(path.resolve(directory));
  let releaseHold = () => {};
  try {
    refuseForeign(file);
    // Before reading: another process may just have finished writing to it.
    releaseHold = acquireHold(directory, await silentHolder(directory, silenceMs));
    const contents = readJournal(file);
    const owner = ownerOf(contents.lines);
    // Its lock may belong to another user, or lie in another state directory.
    if (owner && isAlive(owner)) throw new Error(`its run is under way (pid ${owner.pid})`);
    const records = outstanding(contents.lines);
    const damages = unansweredDamage(contents);
    const unknown = damages.map((damage) => damageAsResidue(damage, name));
    const undone: string[] = [];
    if (records.length === 0 && !(declareClean && damages.length > 0)) {
      removeLeftovers(directory, undoing);
      return { run, undone, residue: unknown, refused: null };
    }
    let unwritten: string | undefined;
    const journal = openForHealing(file, contents, (error) => {
      const { message } = error as Error;
      unwritten ??= message.includes(file) ? message : `${file}: ${message}`;
    });
    const away = new Map<string, OutOfReach>();
    const failed = await undoAll(records, undoing, (record, outcome) => {
      journal.append(undoDone(record, 'recover', outcome));
      const unseen = outOfReach(record, outcome, contents.lines);
      if (unseen !== null) away.set(record.id, unseen);
      if (outcome.state !== 'failed') undone.push(`${record.describe}: ${outcome.detail}`);
    });
    removeLeftovers(directory, undoing);
    // Nothing is declared clean while something is known to be left.
    const isDeclared = declareClean && failed.every(({ id }) => away.get(id)?.seenAt === null);
    const isSaid = isDeclared && damages.length + away.size > 0;
    if (isSaid) journal.append(declaredClean(damages, [...away.values()], name));
    journal.close();
    const left = failed.map((record) => {
      const unseen = away.get(record.id);
      return unseen === undefined ? asResidue(record) : outOfReachAsResidue(unseen, name);
    });
    const declared = [...damages.map(describeDamage), ...[...away.values()].map(describeOutOfReach)];
    return {
      run,
      undone,
      residue: isDeclared ? [] : [...left, ...unknown],
      refused: null,
      ...(isSaid ? { declared } : {}),
      ...(unwritten === undefined ? {} : { unwritten }),
    };
  } catch (error) {
    return {
      run,
      undone: [],
      residue: [],
      refused: `cannot recover ${directory}: ${(error as Error).message}`,
    };
  } finally {
    releaseHold();
  }
}

/** A journal is executed with this user's rights, so it must be this user's own. @throws if it is not, or does not exist */
function refuseForeign(file: string): void {
  const owner = statSync(file).uid;
  const user = process.geteuid?.() ?? owner;
  if (owner !== user) throw new Error(`its journal belongs to the user ${owner}: run this as that user`);
}

function ownerOf(lines: readonly JournalLine[]): ProcessIdentity | undefined {
  const started = lines[0]?.event;
  return started?.type === 'run-started' ? started.owner : undefined;
}

function sameDirectory(active: ActiveRun, wanted: string): boolean {
  return path.resolve(active.directory) === path.resolve(wanted);
}
