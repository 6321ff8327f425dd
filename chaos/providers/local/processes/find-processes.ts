import { lstatSync, statSync } from 'node:fs';
import path from 'node:path';
import type { z } from 'zod';
import { ProviderError, type Resolution, type Target } from '../../../prepared-fault.ts';
import { isAlive, isStopped, type ProcessIdentity } from '../../../process-identity.ts';
import { describeTree } from './describe-tree.ts';
import { findProcess } from './find-process.ts';
import { type Finder, finder, finderText } from './finder.ts';
import { UNREADABLE } from './pid-file.ts';
import { parentOf, processIdentity, startedAt, userOf } from './process-facts.ts';
import { readTable } from './process-table.ts';
import { treeOf } from './process-tree.ts';

/** What a target's identity says about a process: which one, and how its successor will be found. */
export const processTarget = processIdentity.extend(finder.shape);
export type ProcessTarget = z.output<typeof processTarget> & { readonly label: string };

export interface Replica {
  readonly name: string;
  readonly finder: Finder;
  readonly process: ProcessIdentity;
}

export interface ProcessSelection {
  readonly componentName: string;
  readonly finders: readonly Finder[];
  readonly count: number;
  /** Only processes that run can be hit: one that is stopped already would prove nothing. */
  readonly onlyRunning: boolean;
  /** Only the processes that were found, without their trees. */
  readonly alone?: boolean;
}

/**
 * Picks `count` of the live processes that the finders name, in their order, running ones first. Reads only.
 * @throws ProviderError when they are too few, cannot be told apart, or must not be hit
 */
export async function selectProcesses(selection: ProcessSelection, signal: AbortSignal): Promise<Resolution> {
  const { componentName, finders, count, onlyRunning, alone = false } = selection;
  const { replicas, missing } = await findLive(componentName, finders, signal);
  for (const replica of replicas) refuseForeign(componentName, replica);
  if (!alone) refuseTrees(componentName, replicas);
  const candidates = replicas.map((replica) => targetOf(replica, alone));
  const healthy = candidates.filter((target) => target.healthy);
  const eligible = onlyRunning ? healthy : [...healthy, ...candidates.filter((target) => !target.healthy)];
  if (count > eligible.length) {
    const kind = onlyRunning ? 'running' : 'live';
    const stopped = candidates.flatMap(({ healthy: runs, label }) => (runs ? [] : [`${label} is stopped`]));
    throw new ProviderError(
      `component ${componentName}: count is ${count}, but only ${eligible.length} of ${finders.length} processes are ${kind}`,
      {
        fix: `lower params.count to ${eligible.length || 1}, or start the others (${[...missing, ...stopped].join('; ') || 'all run'})`,
      },
    );
  }
  return { candidates, targets: eligible.slice(0, count), healthy: healthy.length };
}

/** The targets as processes, checked to be still there. @throws ProviderError when one is gone */
export function stillThere(targets: readonly Target[]): ProcessTarget[] {
  if (targets.length === 0) throw new ProviderError('a fault without a target');
  return targets.map((target) => {
    const identity = processTarget.parse(target.identity);
    if (!isAlive(identity)) {
      throw new ProviderError(`${target.label} is gone already`, {
        fix: 'another process may have its pid now; resolve the targets again',
      });
    }
    return { ...identity, label: target.label };
  });
}

/** As `findReplicas`, for what needs one of them at least, whether this user may signal it or not. Reads only. @throws ProviderError */
export async function findLive(
  componentName: string,
  finders: readonly Finder[],
  signal: AbortSignal,
): Promise<{ replicas: Replica[]; missing: string[] }> {
  const found = await findReplicas(componentName, finders, signal);
  const { replicas, missing } = found;
  if (replicas.length === 0) {
    // Where the pid file is secret, a process may well run.
    const isHidden = missing.some((why) => why.endsWith(UNREADABLE));
    throw new ProviderError(
      `component ${componentName}: no process is ${isHidden ? 'known' : 'running'}: ${missing.join('; ')}`,
      {
        fix: isHidden
          ? 'run squall as the user that the component runs as, or as root'
          : 'start it, or correct in the environment how it is found',
      },
    );
  }
  for (const replica of replicas) refuseStale(componentName, replica);
  refuseTwice(componentName, replicas);
  return found;
}

/** The processes that live, stopped ones included, and what is missing of the others. Reads only. @throws ProviderError when it cannot tell */
export async function findReplicas(
  componentName: string,
  finders: readonly Finder[],
  signal: AbortSignal,
): Promise<{ replicas: Replica[]; missing: string[] }> {
  const names = namesOf(componentName, finders);
  const replicas: Replica[] = [];
  const missing: string[] = [];
  for (const [index, one] of finders.entries()) {
    const found = await findProcess(one, signal).catch((error: unknown) => {
      if (!(error instanceof ProviderError)) throw error;
      const { message, fix } = error;
      throw new ProviderError(`component ${componentName}: ${message}`, {
        cause: error,
        ...(fix !== undefined && { fix }),
      });
    });
    if ('missing' in found) missing.push(found.missing);
    else replicas.push({ name: names[index] ?? componentName, finder: one, process: found.process });
  }
  return { replicas, missing };
}

/** Pid files that are called differently name their processes. */
function namesOf(componentName: string, finders: readonly Finder[]): string[] {
  const files = finders.map(({ pidFile }) => pidFile && path.basename(pidFile).replace(/\.pid$/, ''));
  const areTelling = new Set(files).size === finders.length;
  return files.map((file, index) => {
    const numbered = finders.length === 1 ? componentName : `${componentName}-${index + 1}`;
    return areTelling ? (file ?? numbered) : numbered;
  });
}

export function targetOf({ name, finder: by, process: found }: Replica, alone = false): Target {
  return {
    label: `${name} (pid ${found.pid})`,
    identity: { pid: found.pid, start: found.start, ...onlySaid(by) },
    healthy: !isStopped(found),
    details: [...describeTree(found, alone), `found by ${finderText(by)}`],
  };
}

function onlySaid(by: Finder): Record<string, string | number> {
  return Object.fromEntries(
    Object.entries(by).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])),
  );
}

/** Nobody is signalled by mistake: not squall itself, nor what started it, or what this user may not signal. */
export function refuseForeign(componentName: string, { finder: by, process: { pid } }: Replica): void {
  if (by.pidFile !== undefined) refuseBorrowed(componentName, by.pidFile, pid);
  if (pid === 1 || ancestors().has(pid)) {
    throw new ProviderError(
      `component ${componentName}: ${finderText(by)} names pid ${pid}, which is squall itself or one of its parents`,
      { fix: 'correct in the environment how the component is found' },
    );
  }
  refuseSignal(componentName, pid);
}

function refuseSignal(componentName: string, pid: number, which = ''): void {
  try {
    process.kill(pid, 0); // Signal 0 checks the permission and signals nothing.
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EPERM') return;
    throw new ProviderError(`component ${componentName}: pid ${pid}${which} belongs to another user`, {
      cause,
      fix: 'run squall as the user that the component runs as',
    });
  }
}

/** What holds for a process holds for each of its tree, and no replica may be in another one's tree: it would be hit with it. */
function refuseTrees(componentName: string, replicas: readonly Replica[]): void {
  const table = readTable();
  for (const { name, finder: by, process: root } of replicas) {
    for (const { pid } of treeOf(root, table).members) {
      if (pid === root.pid) continue;
      refuseSignal(componentName, pid, `, of the tree of ${name},`);
      if (by.pidFile !== undefined) refuseBorrowed(componentName, by.pidFile, pid);
      const other = replicas.find((one) => one.process.pid === pid);
      if (other === undefined) continue;
      throw new ProviderError(
        `component ${componentName}: ${other.name} (pid ${pid}) is in the tree of ${name} (pid ${root.pid}), and would be hit with it`,
        { fix: 'name only one of them, or say `params: { only: parent }`' },
      );
    }
  }
}

/** One process behind two pid files would count as two healthy replicas, and the last one be hit as if there were another. */
function refuseTwice(componentName: string, replicas: readonly Replica[]): void {
  const files = new Map<number, string>();
  for (const { finder: by, process: found } of replicas) {
    const file = finderText(by);
    const other = files.get(found.pid);
    if (other !== undefined) {
      throw new ProviderError(
        `component ${componentName}: ${other} and ${file} name the same process (pid ${found.pid})`,
        { fix: 'give each replica one pid file of its own' },
      );
    }
    files.set(found.pid, file);
  }
}

/** A pid file that was written before its process began is about another one, which is gone and whose pid was given away since. */
export function refuseStale(componentName: string, { finder: { pidFile }, process: { pid } }: Replica): void {
  if (pidFile === undefined) return;
  const began = startedAt(pid);
  const writtenAt = statSync(pidFile, { throwIfNoEntry: false })?.mtimeMs;
  if (began === undefined || writtenAt === undefined || writtenAt >= began - CLOCK_SLACK_MS) return;
  const times = `${new Date(writtenAt).toISOString()}, and that process began at ${new Date(began).toISOString()}`;
  throw new ProviderError(
    `component ${componentName}: ${pidFile} names pid ${pid}, which is another process by now: the file is from ${times}`,
    { fix: 'start the component, or let what starts it write the pid file again' },
  );
}

/**
 * Root may signal everything. A file that somebody else may write, or put a link in the place of, must not decide what is hit in root's
 * name: only that user's own.
 */
function refuseBorrowed(componentName: string, pidFile: string, pid: number): void {
  if (process.getuid?.() !== 0) return;
  const user = userOf(pid);
  if (user === undefined) return;
  const options = { throwIfNoEntry: false } as const;
  const owned: [string, number | undefined][] = [
    [pidFile, statSync(pidFile, options)?.uid],
    [`${pidFile}, as a link,`, lstatSync(pidFile, options)?.uid],
    [path.dirname(pidFile), statSync(path.dirname(pidFile), options)?.uid],
  ];
  for (const [what, owner = 0] of owned) {
    if (owner === 0 || owner === user) continue;
    throw new ProviderError(
      `component ${componentName}: ${what} belongs to the user ${owner}, and pid ${pid} runs as the user ${user}`,
      { fix: 'let root, or the user that the component runs as, own the pid file and its folder' },
    );
  }
}

/** Clocks of files and of processes are not the same. */
const CLOCK_SLACK_MS = 2_000;

function ancestors(): Set<number> {
  const pids = new Set([process.pid]);
  for (let pid = process.ppid; pid > 1 && !pids.has(pid); pid = parentOf(pid) ?? 0) pids.add(pid);
  return pids;
}
