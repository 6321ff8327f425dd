import { isAlive, isSame, type ProcessIdentity } from '../../../process-identity.ts';
import type { Target, Use, UseWatch } from '../../../provider.ts';
import { findProcess } from '../processes/find-process.ts';
import { processTarget } from '../processes/find-processes.ts';
import type { Finder } from '../processes/finder.ts';
import { readTableAside } from '../processes/process-table.ts';
import { watchOwnConnections } from './own-connections.ts';
import { isMoreThanChecks, NO_MORE_THAN_CHECKS } from './pace.ts';
import { bytesText, secondsText } from './text.ts';
import { createTreeMeter, type TreeCounters, type TreeFacts, type TreeMeter } from './tree-meter.ts';

const LOOK_EVERY_MS = 500;
/** `ss` is a process of its own: after a short while it is asked less often, for what a connection carries that stays open. */
const BYTES_EVERY_LOOKS = 4;
const AT_FIRST_LOOKS = 10;
/** A component that is restarted again and again must not fill the memory. */
const MOST_ROOTS = 50;
/** Less was watched for too short a time to say that nothing happened. */
const LEAST_MS = 500;
/** Where sockets say nothing, processor time has to: what an idle process uses for its timers stays below. */
const BUSY_SHARE = 0.02;

/**
 * What uses a component's processes, each with its tree. In use is a tree that listens somewhere and whose clients, outside of the tree
 * and other than squall, sent or got payload, or came newly. A tree that listens nowhere (a consumer of a queue, say) is used by what
 * its own connections carry. Processor time alone shows use only where sockets cannot be measured. At a pace that health checks reach alone,
 * nobody can tell whose use it was.
 */
export function watchProcesses(finders: readonly Finder[], alone = false): UseWatch {
  const forgetOwn = watchOwnConnections();
  const meters: TreeMeter[] = [];
  const known = new Map<Finder, ProcessIdentity>();
  const ended = new AbortController();
  let looked = 0;
  let looking: Promise<void> | undefined;
  const timer = setInterval(() => void look(false), LOOK_EVERY_MS).unref();
  void look(true);
  return {
    async between(targets, from, to) {
      await looking;
      await look(true);
      const wanted = targets.flatMap((target) => metersOf(target));
      const uses = wanted.map(({ meter, label }) => useOf(meter, label, from, to));
      return together(uses);
    },
    async close() {
      clearInterval(timer);
      ended.abort();
      await looking;
      forgetOwn();
    },
  };

  function look(withBytes: boolean): Promise<void> {
    looking ??= lookOnce(withBytes || looked < AT_FIRST_LOOKS || looked % BYTES_EVERY_LOOKS === 0)
      .catch(() => {}) // Whatever could not be read is missing from the result at the end.
      .finally(() => {
        looking = undefined;
      });
    return looking;
  }

  async function lookOnce(withBytes: boolean): Promise<void> {
    looked += 1;
    for (const one of finders) {
      // Only a pid file is so quick to read that it can be asked each time.
      if (one.pidFile === undefined && isStillThere(known.get(one))) continue;
      const found = await findProcess(one, ended.signal).catch(() => undefined);
      if (found === undefined || 'missing' in found) continue;
      const { process: root } = found;
      known.set(one, root);
      if (meters.some((meter) => isSame(meter.root, root))) continue;
      meters.push(createTreeMeter(root, alone));
      if (meters.length > MOST_ROOTS) meters.shift();
    }
    const table = await readTableAside();
    for (const meter of meters) await meter.look(table, withBytes);
  }

  /** A target that is the machine stands for all of the component's processes. */
  function metersOf({ identity, label }: Target): { meter: TreeMeter | undefined; label: string }[] {
    const parsed = processTarget.safeParse(identity);
    if (parsed.success) return [{ meter: meterOf(parsed.data), label }];
    return meters.map((meter) => ({ meter, label: `pid ${meter.root.pid}` }));
  }

  function meterOf(root: ProcessIdentity): TreeMeter | undefined {
    return meters.find((meter) => isSame(meter.root, root));
  }
}

function isStillThere(found: ProcessIdentity | undefined): boolean {
  return found !== undefined && isAlive(found);
}

/** Of several targets one that is in use is enough: the fault hits it. */
export function together(uses: readonly Use[]): Use {
  if (uses.length === 0) return { inUse: null, seen: ['nothing was there to be watched'] };
  const inUse = uses.some((use) => use.inUse === true)
    ? true
    : uses.every((use) => use.inUse === false)
      ? false
      : null;
  return { inUse, seen: uses.flatMap(({ seen }) => seen) };
}

interface Difference extends TreeCounters {
  readonly ms: number;
}

function useOf(meter: TreeMeter | undefined, label: string, from: number, to: number): Use {
  const around = meter?.looks.around(from, to);
  if (meter === undefined || around === undefined || around.last.at - around.first.at < LEAST_MS) {
    return {
      inUse: null,
      seen: [`${label} was not watched for long enough to say whether anything used it`],
    };
  }
  const { first, last } = around;
  const [one, other] = [first.counters, last.counters];
  const isKnown = one.bytes !== undefined && other.bytes !== undefined;
  const difference = {
    ms: last.at - first.at,
    connections: other.connections - one.connections,
    owned: other.owned - one.owned,
    bytes: isKnown ? (other.bytes ?? 0) - (one.bytes ?? 0) : undefined,
    pieces: other.pieces - one.pieces,
    cpuMs: other.cpuMs - one.cpuMs,
    clients: other.clients,
    unaccepted: other.unaccepted,
  };
  const { inUse, said } = judge(difference, meter.facts());
  const tree = meter.facts().size > 1 ? ` (${meter.facts().size} processes)` : '';
  return { inUse, seen: [`${label}${tree}: ${said}`] };
}

/** The rule, in one place. */
export function judge(seen: Difference, facts: TreeFacts): { inUse: boolean | null; said: string } {
  const during = `in ${secondsText(seen.ms)}`;
  const cpu = `${seen.cpuMs} ms of processor time ${during}`;
  const isBusy = seen.cpuMs >= BUSY_SHARE * seen.ms;
  if (facts.listens === undefined) {
    const said = `its sockets belong to another user and cannot be looked at; it used ${cpu}`;
    return { inUse: isBusy ? true : null, said };
  }
  const carried = seen.bytes === undefined ? '' : `, ${bytesText(seen.bytes)} passed`;
  if (facts.listens.length === 0) return judgeWithoutPort(seen, facts, { during, cpu, isBusy });
  const where = facts.listens.join(', ');
  const waiting = seen.unaccepted > 0 ? `, ${seen.unaccepted} wait to be accepted` : '';
  const clients = `${seen.connections} new connections of clients to ${where}, ${seen.clients} open${waiting}${carried} ${during}`;
  const came = facts.shared ? seen.owned : seen.connections;
  if (isMoreThanChecks(Math.max(came, seen.pieces), seen.ms)) return { inUse: true, said: clients };
  if (seen.connections > came) {
    const isLikely = isMoreThanChecks(seen.connections, seen.ms) || null;
    const inUse = seen.cpuMs > 0 ? isLikely : (seen.bytes ?? 0) > 0 ? null : false;
    return { inUse, said: `${clients}; others serve that port, too, and this one used ${cpu}` };
  }
  if (came > 0 || (seen.bytes ?? 0) > 0) return { inUse: null, said: `${clients}: ${NO_MORE_THAN_CHECKS}` };
  if (seen.clients > 0 && seen.bytes === undefined)
    return {
      inUse: isBusy ? true : null,
      said: `${clients}, of how many bytes cannot be told; it used ${cpu}`,
    };
  // A client elsewhere that comes and goes between two looks leaves nothing here.
  if (isBusy && !facts.onlyLocal)
    return { inUse: null, said: `${clients}; yet it used ${cpu}, so clients may have been overlooked` };
  return { inUse: false, said: `nothing used it: ${clients}` };
}

function judgeWithoutPort(
  { bytes, pieces, ms }: Difference,
  { hasOtherSockets }: TreeFacts,
  { during, cpu, isBusy }: { readonly during: string; readonly cpu: string; readonly isBusy: boolean },
): { inUse: boolean | null; said: string } {
  if ((bytes ?? 0) > 0) {
    const said = `it listens on no TCP port; ${bytesText(bytes ?? 0)} passed its own connections ${during}`;
    return isMoreThanChecks(pieces, ms)
      ? { inUse: true, said }
      : { inUse: null, said: `${said}: ${NO_MORE_THAN_CHECKS}` };
  }
  if (hasOtherSockets || bytes === undefined) {
    const said = `it listens on no TCP port, and what passes its other sockets cannot be told; it used ${cpu}`;
    return { inUse: isBusy ? true : null, said };
  }
  if (isBusy) return { inUse: null, said: `it has no socket that anything could use; it used ${cpu}` };
  return { inUse: false, said: `nothing used it: it has no socket, and used ${cpu}` };
}
