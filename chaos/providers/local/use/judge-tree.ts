import { many } from '../../../many.ts';
import { BUSIER, cameWithLoad, goesOn, notWithLoad, wholeOf } from '../../../use/with-load.ts';
import { beforeText, bytesText, secondsText } from './text.ts';
import type { TreeCounters, TreeFacts } from './tree-meter.ts';

/** What happened in a stretch of time. */
export interface TreeStretch extends Pick<TreeCounters, 'connections' | 'owned' | 'pieces' | 'cpuMs'> {
  readonly ms: number;
}

export interface TreeSeen extends TreeCounters {
  readonly ms: number;
  /** Before the load, look by look; none when it was not there, or nobody looked. */
  readonly before: readonly TreeStretch[];
  /** The whole, in parts. */
  readonly parts: readonly TreeStretch[];
}

/** Where sockets say nothing, processor time has to: what an idle process uses for its timers stays below. */
const BUSY_SHARE = 0.02;
const TICK_MS = 10;

/** The rule, in one place: whether this is use by the load. */
export function judgeTree(seen: TreeSeen, facts: TreeFacts): { inUse: boolean | null; said: string } {
  const during = `in ${secondsText(seen.ms)}`;
  const cpu = `${seen.cpuMs} ms of processor time ${during}`;
  const isBusy = seen.cpuMs >= BUSY_SHARE * seen.ms;
  const before = wholeOf(seen.before.map(({ cpuMs, ms }) => ({ count: cpuMs, ms })));
  const usualShare = before.ms === 0 ? undefined : BUSIER * (before.count / before.ms);
  const usualCpuMs = usualShare === undefined ? undefined : usualShare * seen.ms;
  const isBusier =
    usualShare !== undefined &&
    seen.cpuMs >= (usualShare + BUSY_SHARE) * seen.ms &&
    goesOn(seen.parts, ({ cpuMs, ms }) => cpuMs > usualShare * ms, before.ms);
  if (facts.listens === undefined) {
    const said = `its sockets belong to another user and cannot be looked at; it used ${cpu}`;
    return { inUse: isBusier ? true : null, said };
  }
  const carried = seen.bytes === undefined ? '' : `, ${bytesText(seen.bytes)} passed`;
  if (facts.listens.length === 0) return judgeWithoutPort(seen, facts, { during, cpu, isBusy, isBusier });
  const where = facts.listens.join(', ');
  const waiting = seen.unaccepted > 0 ? `, ${seen.unaccepted} wait to be accepted` : '';
  const clients = `${many(seen.connections, 'new connection')} of clients to ${where}, ${seen.clients} open${waiting}${carried} ${during}${saidBefore(seen)}`;
  const came = facts.shared ? seen.owned : seen.connections;
  if (isMore(seen, facts.shared ? 'owned' : 'connections') || isMore(seen, 'pieces'))
    return { inUse: true, said: clients };
  if (seen.connections > came) {
    const hasWorked = usualCpuMs !== undefined && seen.cpuMs > usualCpuMs + (usualCpuMs > 0 ? TICK_MS : 0);
    const isLikely = (hasWorked && isMore(seen, 'connections')) || null;
    const inUse = seen.cpuMs > 0 ? isLikely : (seen.bytes ?? 0) > 0 ? null : false;
    return { inUse, said: `${clients}; others serve that port, too, and this one used ${cpu}` };
  }
  if (came > 0 || (seen.bytes ?? 0) > 0)
    return { inUse: null, said: `${clients}: ${notWithLoad(counted(seen))}` };
  if (seen.clients > 0 && seen.bytes === undefined)
    return {
      inUse: isBusier ? true : null,
      said: `${clients}, of how many bytes cannot be told; it used ${cpu}`,
    };
  // A client elsewhere that comes and goes between two looks leaves nothing here.
  if (isBusy && !facts.onlyLocal)
    return { inUse: null, said: `${clients}; yet it used ${cpu}, so clients may have been overlooked` };
  return { inUse: false, said: `nothing used it: ${clients}` };
}

function judgeWithoutPort(
  seen: TreeSeen,
  { hasOtherSockets }: TreeFacts,
  {
    during,
    cpu,
    isBusy,
    isBusier,
  }: {
    readonly during: string;
    readonly cpu: string;
    readonly isBusy: boolean;
    readonly isBusier: boolean;
  },
): { inUse: boolean | null; said: string } {
  const { bytes } = seen;
  if ((bytes ?? 0) > 0) {
    const said = `it listens on no TCP port; ${bytesText(bytes ?? 0)} passed its own connections ${during}${saidBefore(seen)}`;
    return isMore(seen, 'pieces')
      ? { inUse: true, said }
      : { inUse: null, said: `${said}: ${notWithLoad(counted(seen))}` };
  }
  if (hasOtherSockets || bytes === undefined) {
    const said = `it listens on no TCP port, and what passes its other sockets cannot be told; it used ${cpu}`;
    return { inUse: isBusier ? true : null, said };
  }
  if (isBusy) return { inUse: null, said: `it has no socket that anything could use; it used ${cpu}` };
  return { inUse: false, said: `nothing used it: it has no socket, and used ${cpu}` };
}

type Countable = 'connections' | 'owned' | 'pieces';

function isMore(seen: TreeSeen, what: Countable): boolean {
  return cameWithLoad(counted(seen, what));
}

function counted({ before, parts }: TreeSeen, what: Countable = 'connections') {
  const of = (one: TreeStretch) => ({ count: one[what], ms: one.ms });
  return { before: before.map(of), parts: parts.map(of) };
}

function saidBefore(seen: TreeSeen): string {
  return `${beforeText(counted(seen).before, 'connections')}${beforeText(counted(seen, 'pieces').before, 'pieces of payload')}`;
}
