import { createHash, randomUUID } from 'node:crypto';
import {
  accessSync,
  constants,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { isAlive } from '../../chaos/process-identity.ts';
import { stateDirectory as squallState } from '../../chaos/state-directory.ts';
import { processIdentity } from '../journal/shapes.ts';
import { RefusalError } from '../refusal.ts';
import { isElsewhere, keepRenewing, onHost, silentElsewhere } from './elsewhere.ts';

/**
 * The lock on an environment, which also records that something may have to be undone there. One file per environment in the user's
 * state directory, so that it works from any working directory.
 */
export const activeRun = z.object({
  // Part of file names.
  run: z.string().regex(/^[^/\\\0]+$/),
  environment: z.string(),
  environmentFile: z.string().min(1),
  directory: z.string().min(1),
  owner: processIdentity,
  guardian: processIdentity.nullable(),
  /** Where these two are (`ownPlace`). Left out: on this machine, by an older squall. */
  place: z.string().min(1).exactOptional(),
});
export type ActiveRun = Readonly<z.infer<typeof activeRun>>;

/** The environment is in use, or has not been cleaned up: nothing was started. */
export class EnvironmentBusyError extends Error {
  override readonly name = 'EnvironmentBusyError';
  readonly active: ActiveRun;
  /** Is the other run still going, or did it die with things to undo? */
  readonly alive: boolean;
  constructor(active: ActiveRun, alive: boolean) {
    super(
      alive
        ? `environment ${active.environment} is in use by run ${active.run} (pid ${active.owner.pid}${onHost(active.place)}); wait for it, or end it with: squall stop ${active.run}`
        : `run ${active.run} on environment ${active.environment} died and has not been cleaned up; run: squall recover ${active.run}`,
    );
    this.active = active;
    this.alive = alive;
  }
}

export function stateDirectory(env: NodeJS.ProcessEnv = process.env): string {
  return path.join(squallState(env), 'active');
}

/**
 * Takes the lock, also from a dead owner if `clean` says that its run left nothing to undo.
 * @param silent what `silentOwner` found: an owner elsewhere is alive unless it has been watched
 * @throws EnvironmentBusyError; RefusalError for a lock that cannot be read, because it may belong to a live run
 */
export function claim(
  active: ActiveRun,
  clean: (dead: ActiveRun) => boolean,
  silent: string | null = null,
): void {
  const file = lockOf(active);
  const draft = `${file}.${randomUUID()}`;
  try {
    mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
    writeFileSync(draft, JSON.stringify(active), { mode: 0o600, flush: true });
  } catch (cause) {
    throw new RefusalError(`${path.dirname(file)} cannot be written: ${(cause as Error).message}`, {
      cause,
      fix: 'squall notes there what it would have to undo: see to whom that directory belongs (`sudo squall` leaves it to root), or name another one with XDG_STATE_HOME',
    });
  }
  try {
    // link() fails if the name exists, and the name never points to a half-written file. The second round follows the
    // removal of a dead owner's lock; if another process was faster, its lock counts.
    for (const round of [1, 2]) {
      try {
        linkSync(draft, file);
        return;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
        const other = read(file);
        if (other === null) continue;
        const alive = isAlive(other.owner) || (isElsewhere(other.place) && textOf(file) !== silent);
        if (alive || round === 2 || !clean(other)) throw new EnvironmentBusyError(other, alive);
        removeIfOwned(file, other);
      }
    }
    throw new RefusalError(
      `the lock of environment ${active.environment} cannot be read: ${file} is another user's, or garbled. Fix: see that no run is under way and nothing is left of one, then remove it`,
    );
  } finally {
    rmSync(draft, { force: true });
  }
}

/** What the lock of this environment says, if its owner is elsewhere and gives no sign of life; else null. Takes a while only then. */
export function silentOwner(
  of: Pick<ActiveRun, 'environmentFile'>,
  silenceMs?: number,
): Promise<string | null> {
  return silentElsewhere(lockOf(of), silenceMs);
}

/** Is its squall alive? One elsewhere is watched for a sign of life; that of its guardian counts, too. */
export async function isUnderWay(active: ActiveRun, silenceMs?: number): Promise<boolean> {
  if (isAlive(active.owner)) return true;
  return isElsewhere(active.place) && (await silentElsewhere(ownLockOf(active), silenceMs)) === null;
}

/** Gives signs of life until the lock is another's, or none. */
export function keepLock(active: ActiveRun): () => void {
  return keepRenewing(lockOf(active), (text) => parse(text)?.run === active.run);
}

/** Rewrites the lock of this run, for example once the guardian is known. */
export function update(active: ActiveRun): void {
  const file = lockOf(active);
  const draft = `${file}.${randomUUID()}`;
  writeFileSync(draft, JSON.stringify(active), { mode: 0o600, flush: true });
  renameSync(draft, file);
}

/** Releases the lock, unless it belongs to another run by now. */
export function release(active: ActiveRun): void {
  const file = ownLockOf(active);
  removeIfOwned(file, active);
  rmSync(stopFileOf(active), { force: true });
}

/** All locks, of live and of dead runs. */
export function listActive(): readonly ActiveRun[] {
  return locks()
    .map(read)
    .filter((active) => active !== null);
}

/** Locks that this user may not read: of runs of somebody else, root mostly, who had this user's HOME. */
export function foreignLocks(): readonly string[] {
  return locks().filter((file) => {
    try {
      accessSync(file, constants.R_OK);
      return false;
    } catch (error) {
      return (error as NodeJS.ErrnoException).code === 'EACCES';
    }
  });
}

function locks(): string[] {
  const directory = stateDirectory();
  if (!existsSync(directory)) return [];
  return readdirSync(directory)
    .filter((name) => name.endsWith('.json'))
    .map((name) => path.join(directory, name));
}

/** The kill switch: a run ends when this file appears (`squall stop`). */
export function stopFileOf(active: ActiveRun): string {
  return path.join(stateDirectory(), `${active.run}.stop`);
}

/** Where the lock of the run's environment is. */
export function lockOf({ environmentFile }: Pick<ActiveRun, 'environmentFile'>): string {
  const real = existsSync(environmentFile) ? realpathSync(environmentFile) : path.resolve(environmentFile);
  const name = createHash('sha256').update(real.replace(MOUNTED_AT, '')).digest('hex').slice(0, 24);
  return path.join(stateDirectory(), `${name}.json`);
}

/** Files of a ConfigMap are links into a folder with this name: another one in each pod, and after each change. */
const MOUNTED_AT = /\/\.\.\d{4}(_\d\d){5}\.\d+(?=\/)/;

/** The lock that this run has. Where it was taken, the environment's file may have been another one than here. */
function ownLockOf(active: ActiveRun): string {
  const file = lockOf(active);
  if (read(file)?.run === active.run) return file;
  return locks().find((other) => read(other)?.run === active.run) ?? file;
}

/** Moves the file aside before deleting it, so that a lock taken in the meantime is not deleted. */
function removeIfOwned(file: string, owned: ActiveRun): void {
  if (read(file)?.run !== owned.run) return;
  const aside = `${file}.${randomUUID()}`;
  try {
    renameSync(file, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  if (read(aside)?.run !== owned.run) linkSync(aside, file);
  unlinkSync(aside);
}

function read(file: string): ActiveRun | null {
  const text = textOf(file);
  return text === null ? null : parse(text);
}

function textOf(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}

function parse(text: string): ActiveRun | null {
  try {
    return activeRun.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}
