import { mkdirSync } from 'node:fs';
import os from 'node:os';
import { identify, type ProcessIdentity } from '../../chaos/process-identity.ts';
import { watchClock } from '../clock.ts';
import type { JournalEvent } from '../journal/events.ts';
import { type Journal, openJournal } from '../journal/journal.ts';
import { redactEvent, redactor } from '../journal/redact.ts';
import { journalOf } from '../journal/run-directory.ts';
import { loadRunners } from '../load/runners.ts';
import { packageVersion } from '../package.ts';
import {
  type ActiveRun,
  claim,
  EnvironmentBusyError,
  keepLock,
  release,
  silentOwner,
  stopFileOf,
  update,
} from '../recovery/active-run.ts';
import { isElsewhere, ownPlace } from '../recovery/elsewhere.ts';
import { type Guardian, startGuardian } from '../recovery/guardian/client.ts';
import { createLedger, type Ledger } from '../recovery/ledger.ts';
import { hasLeftNothing } from '../recovery/left-nothing.ts';
import { RefusalError } from '../refusal.ts';
import type { Undoing } from '../undo.ts';
import { type Cleanups, createCleanups } from './cleanups.ts';
import { hostsTarget } from './hosts-target.ts';
import type { OpeningOptions } from './options.ts';
import { createStopper, type Stopper } from './stopper.ts';
import { testbedUndoing } from './testbed.ts';

/** A run that holds the lock and has its journal and guardian: from here on it may change things. */
export interface OpenRun {
  readonly active: ActiveRun;
  readonly directory: string;
  readonly journal: Journal;
  readonly ledger: Ledger;
  readonly stopper: Stopper;
  readonly cleanups: Cleanups;
  readonly clock: ReturnType<typeof watchClock>;
  /** Writes an event to the journal and tells all listeners. A journal that cannot be written stops the run; this never throws. */
  readonly write: (event: JournalEvent) => void;
  /** For what must be on disk before the next step. @throws when it is not */
  readonly writeAhead: (event: JournalEvent) => void;
  /** The same, without blocking the links that squall carries in the meantime. */
  readonly writeAside: (event: JournalEvent) => Promise<void>;
  /** Writes many events with one sync in the background. Resolves with whether they are on disk; like `write`, it never throws. */
  readonly writeMany: (events: readonly JournalEvent[]) => Promise<boolean>;
  listen(listener: (event: JournalEvent) => void): void;
  dismissGuardian(): Promise<void>;
}

/** @throws EnvironmentBusyError, or why the directory, journal or guardian could not be made; nothing is left behind then. */
export async function openRun(options: OpeningOptions): Promise<OpenRun> {
  const owner = identify(process.pid);
  if (!owner) throw new Error('this process cannot be identified (is /proc mounted?)');
  const { run, directory, environmentFile } = options;
  const active: ActiveRun = {
    run,
    environment: options.environment.name,
    environmentFile,
    directory,
    owner,
    guardian: null,
    place: ownPlace(),
  };
  // Before the lock is taken: a Ctrl-C while the guardian is still starting is meant for this run, too.
  const stopper = createStopper({
    stopFile: stopFileOf(active),
    ...(options.signals ? { signals: options.signals } : {}),
    ...(options.stop ? { asked: options.stop } : {}),
  });
  try {
    const clean = (dead: ActiveRun) => hasLeftNothing(dead, allUndoing(options));
    try {
      // Without waiting for anything first: a stop that comes while the guardian starts has to find the run on its way to it.
      claim(active, clean);
    } catch (error) {
      if (!(error instanceof EnvironmentBusyError && isElsewhere(error.active.place))) throw error;
      // Whether that one is alive shows only when it is watched for a while.
      claim(active, clean, await silentOwner(active));
    }
    keepLock(active);
    return await openClaimed(options, active, stopper);
  } catch (error) {
    stopper.close();
    throw error;
  }
}

function allUndoing({ undoing }: Pick<OpeningOptions, 'undoing'>): readonly Undoing[] {
  return [...undoing, ...loadRunners, testbedUndoing];
}

async function openClaimed(options: OpeningOptions, claimed: ActiveRun, stopper: Stopper): Promise<OpenRun> {
  try {
    return await open(options, claimed, stopper);
  } catch (error) {
    release(claimed);
    throw error;
  }
}

async function open(options: OpeningOptions, claimed: ActiveRun, stopper: Stopper): Promise<OpenRun> {
  const journal = newJournal(options.directory);
  const guardian = startGuardian({ entry: options.guardianEntry, directory: options.directory });
  try {
    return await watchOver(options, claimed, stopper, journal, guardian);
  } catch (error) {
    journal.close();
    await guardian.dismiss();
    throw error;
  }
}

/** @throws RefusalError if the directory already holds a run, or cannot hold one */
function newJournal(directory: string): Journal {
  try {
    mkdirSync(directory, { recursive: true });
    return openJournal(journalOf(directory));
  } catch (error) {
    const { code, syscall, message } = error as NodeJS.ErrnoException;
    const why = code === 'EEXIST' && syscall === 'open' ? 'it holds another run (journal.jsonl)' : message;
    if (!UNUSABLE.has(code ?? '')) throw error;
    throw new RefusalError(
      `${directory} cannot be the directory of a run: ${why}; name another one with --out`,
      {
        cause: error,
      },
    );
  }
}

/** Errors that another directory fixes. A full disk is not one of them. */
const UNUSABLE = new Set(['EEXIST', 'ENOTDIR', 'EACCES', 'EPERM', 'EROFS']);

async function watchOver(
  options: OpeningOptions,
  claimed: ActiveRun,
  stopper: Stopper,
  journal: Journal,
  guardian: Guardian,
): Promise<OpenRun> {
  const listeners = new Set<(event: JournalEvent) => void>();
  if (options.progress) listeners.add(options.progress.event);
  const redact = redactor(options.secrets);
  const active = { ...claimed, guardian: guardian.identity };
  const writeAhead = (event: JournalEvent) => {
    const clean = redactEvent(event, redact);
    journal.append(clean);
    for (const listener of listeners) listener(clean);
  };
  const writeAside = async (event: JournalEvent) => {
    const clean = redactEvent(event, redact);
    await journal.appendAside(clean);
    for (const listener of listeners) listener(clean);
  };
  const write = (event: JournalEvent) => {
    // A signal or a `squall stop` arrived while the report is being written: the run is already over and recorded.
    if (journal.closed()) return;
    try {
      writeAhead(event);
    } catch (error) {
      cannotWrite(error as Error);
    }
  };
  const cannotWrite = (error: Error) => {
    process.stderr.write(`squall: the journal cannot be written: ${error.message}\n`);
    stopper.stop('error', `the journal cannot be written: ${error.message}`);
  };
  const writeMany = async (events: readonly JournalEvent[]) => {
    if (journal.closed()) return false;
    try {
      const clean = events.map((event) => redactEvent(event, redact));
      await journal.appendAside(...clean);
      for (const event of clean) for (const listener of listeners) listener(event);
      return true;
    } catch (error) {
      cannotWrite(error as Error);
      return false;
    }
  };
  update(active);
  await guardian.send({ type: 'hello', active });
  writeAhead(runStarted(options, active.owner));
  stopper.writeTo(write);
  watchGuardian(guardian, stopper);
  return {
    active,
    directory: options.directory,
    journal,
    write,
    writeAhead,
    writeAside,
    writeMany,
    stopper,
    cleanups: createCleanups(),
    clock: watchClock(),
    ledger: createLedger({
      write,
      writeAhead,
      guardian,
      undoing: allUndoing(options),
    }),
    listen: (listener) => void listeners.add(listener),
    dismissGuardian: () => guardian.dismiss(),
  };
}

/** Without a guardian, nothing would undo the faults if this process died, so the run ends. */
function watchGuardian(guardian: Guardian, stopper: Stopper): void {
  void guardian.lost.then(() =>
    stopper.stop('guardian-lost', `the guardian (pid ${guardian.identity.pid}) died`),
  );
}

function runStarted(options: OpeningOptions, owner: ProcessIdentity): JournalEvent {
  const { traces } = options.environment;
  return {
    type: 'run-started',
    run: options.run,
    owner,
    squall: packageVersion(),
    drill: options.drill,
    ...(options.changed === undefined ? {} : { vars: options.changed }),
    environment: options.environment.name,
    receivesAlerts: options.environment.alerts !== undefined,
    objectives: options.objectives,
    ...(traces === undefined ? {} : { traces: { url: traces.url } }),
    ...(options.unmeasured === undefined ? {} : { unmeasured: options.unmeasured }),
    machine: {
      os: `${os.type()} ${os.release()} ${os.arch()}`,
      cpus: os.cpus().length,
      memoryMb: Math.round(os.totalmem() / 1_048_576),
      node: process.version,
      hostsTarget: hostsTarget(options.environment, options.drill),
    },
  };
}
