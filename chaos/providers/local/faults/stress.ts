import { availableParallelism, hostname } from 'node:os';
import { z } from 'zod';
import type { FaultOf } from '../../../faults/index.ts';
import { many } from '../../../many.ts';
import {
  NoEvidenceError,
  type PreparedFault,
  ProviderError,
  type Resolution,
  type UndoOutcome,
  type UndoRecord,
} from '../../../prepared-fault.ts';
import { guardedCommand, isAlive, type ProcessIdentity, signalIfSame } from '../../../process-identity.ts';
import { readUndoData } from '../../../undo-data.ts';
import { waitUntil } from '../../../wait-until.ts';
import { findersOf } from '../component.ts';
import { findLive, targetOf } from '../processes/find-processes.ts';
import { cpuUse, processIdentity, residentBytes } from '../processes/process-facts.ts';
import { type Burner, mayBeBurner, startBurners } from './burners.ts';
import { type LocalRequest, localFault } from './kind.ts';
import type { BurnerTask } from './stress-worker.ts';

type StressFault = FaultOf<'stress'>;

const undoData = z.object({ burners: z.array(processIdentity).min(1).max(100) });

const megabyte = 1024 * 1024;
/** After the fault's own time burners end by themselves, even if nobody ends them. */
const marginMs = 5000;
/** Always left for everybody else, because the fault is pressure, not an out-of-memory kill of a bystander. */
const keptFreeBytes = 256 * megabyte;
/** Evidence of CPU use is measured over at least this long. */
const cpuWindowMs = 500;

export const stress = localFault('stress', {
  hits: ['process'],
  hasHelpers: true,
  resolve(request, signal) {
    refuseTooMuchMemory(request.fault.params);
    return machineOf(request, signal);
  },
  prepare: ({ fault }, signal) => prepareStress(fault, signal),
});

/** Burners are processes of their own beside the component: they compete with it for this machine's CPUs and memory. */
async function prepareStress(fault: StressFault, signal: AbortSignal): Promise<PreparedFault> {
  refuseTooMuchMemory(fault.params);
  const burners = await startBurners(tasksOf(fault), signal);
  const base = burners.map(({ identity: { pid } }) => residentBytes(pid));
  const meter = cpuMeter(burners);
  let actedAt: number | undefined;
  let seenAt: number | undefined;
  /** Burners that were gone before squall took them away; undefined until it does. */
  let lost: readonly Burner[] | undefined;
  return {
    undo: [undoRecord(fault.name, burners)],
    async act(abort) {
      abort.throwIfAborted();
      if (actedAt !== undefined) return;
      actedAt = Date.now();
      for (const burner of burners) burner.go();
    },
    async observe(abort) {
      const evidence = await waitUntil(
        () => {
          const cpu = meter.proof();
          const memory = memoryProof(burners, base);
          if (cpu === undefined || memory === undefined) return undefined;
          const at = Math.min(cpu.at, memory.at, Date.now());
          return { at, withinMs: at - (actedAt ?? at), seen: [...cpu.seen, ...memory.seen] };
        },
        {
          signal: abort,
          everyMs: 10,
          otherwise: () => `of a stress: ${meter.seen()}, ${memorySeen(burners, base)}`,
        },
      );
      seenAt ??= evidence.at;
      return evidence;
    },
    async revert() {
      lost ??= burners.filter(({ identity }) => !isAlive(identity));
      for (const burner of burners) burner.end();
    },
    async observeEnd(abort) {
      const ends = await waitUntil(
        () => {
          const times = burners.flatMap((burner) => burner.endedAt() ?? []);
          return times.length === burners.length ? times : undefined;
        },
        { signal: abort, everyMs: 5, otherwise: () => 'that the stress is over: burners still run' },
      );
      refuseEarlyEnd(lost ?? [], (seenAt ?? Number.POSITIVE_INFINITY) + fault.for);
      return {
        at: Math.max(...ends),
        seen: burners.map(({ identity }) => `burner ${identity.pid} has ended`),
      };
    },
  };
}

/**
 * The kernel ends burners first when memory runs out: the pressure was off from then on, whatever squall waited for. One that ended
 * when its time was over (its own life ends, should squall be late) has lasted. @throws NoEvidenceError
 */
function refuseEarlyEnd(lost: readonly Burner[], dueAt: number): void {
  const early = lost.flatMap(({ identity: { pid }, endedAt }) => {
    const shortMs = dueAt - (endedAt() ?? dueAt);
    return shortMs > 0 ? [`burner ${pid} ended by itself ${Math.round(shortMs)} ms before its time`] : [];
  });
  if (early.length > 0) throw new NoEvidenceError(`no evidence that the stress lasted: ${early.join(', ')}`);
}

/** @throws ProviderError when it would not leave enough for others. Reads only. */
function refuseTooMuchMemory({ memory }: StressFault['params']): void {
  if (memory === undefined) return;
  // Counts what a cgroup allows, where there is one.
  const spareBytes = process.availableMemory() - keptFreeBytes;
  if (memory.megabytes * megabyte <= spareBytes) return;
  const most = Math.max(0, Math.floor(spareBytes / megabyte));
  throw new ProviderError(
    `a stress of ${memory.megabytes} MB does not fit: ${most} MB can be taken safely now`,
    {
      fix: most > 0 ? `lower params.memory.megabytes to ${most} or less` : 'free some memory first',
    },
  );
}

/**
 * Burners compete with everything on the machine: that is what is hit. The component is only looked at, so it may be another user's, but
 * one that does not run cannot be put under stress.
 */
async function machineOf(
  { componentName, component }: LocalRequest,
  signal: AbortSignal,
): Promise<Resolution> {
  const { replicas } = await findLive(componentName, findersOf(component), signal);
  const candidates = replicas.map((replica) => targetOf(replica));
  if (!candidates.some(({ healthy }) => healthy)) {
    const labels = candidates.map((one) => one.label).join(', ');
    throw new ProviderError(
      `component ${componentName} is stopped (${labels}), and what does not run cannot be put under stress`,
      { fix: 'let it go on (`kill -CONT`), or start it again' },
    );
  }
  const details = candidates.flatMap((one) => (one.details ?? []).map((detail) => `${one.label}: ${detail}`));
  const label = `the machine of ${componentName} (${availableParallelism()} CPUs)`;
  const target = { label, identity: { machine: hostname() }, healthy: true, details };
  return { candidates: [target], targets: [target], healthy: 1 };
}

/** Ends the burners, and no other process. Idempotent. */
export async function undoStress(record: UndoRecord, signal: AbortSignal): Promise<UndoOutcome> {
  const { burners } = readUndoData(undoData, record);
  refuseStrangers(burners);
  const ended = burners.filter((burner) => signalIfSame(burner, 'SIGKILL'));
  if (ended.length === 0) return { state: 'nothing-to-undo', detail: 'no burner is there any more' };
  await waitUntil(() => (burners.some(isAlive) ? undefined : true), {
    signal,
    everyMs: 2,
    otherwise: () => 'that the burners ended',
  });
  return { state: 'undone', detail: `${many(ended.length, 'burner is', 'burners are')} ended` };
}

/** Anybody may have put another process into a record that kills. @throws ProviderError */
function refuseStrangers(burners: readonly ProcessIdentity[]): void {
  const stranger = burners.find((one) => isAlive(one) && !mayBeBurner(one.pid));
  if (stranger === undefined) return;
  throw new ProviderError(
    `pid ${stranger.pid} is not a burner of squall: it is not ended, and neither are the others`,
    {
      fix: 'see what the fault left behind, and end that by hand',
    },
  );
}

function tasksOf({ params, for: forMs }: StressFault): BurnerTask[] {
  const lifeMs = forMs + marginMs;
  const { cpu, memory } = params;
  return [
    ...Array.from({ length: cpu?.workers ?? 0 }, () => ({ cpuLoad: cpu?.load ?? 0, lifeMs })),
    ...(memory === undefined ? [] : [{ megabytes: memory.megabytes, lifeMs }]),
  ];
}

function undoRecord(fault: string, burners: readonly Burner[]): UndoRecord {
  const identities = burners.map(({ identity }) => identity);
  return {
    id: `${fault}:burners`,
    provider: 'local',
    fault,
    action: 'end-burners',
    data: { burners: identities } satisfies z.input<typeof undoData>,
    describe: `end ${many(burners.length, 'burner')} (pid ${identities.map(({ pid }) => pid).join(', ')})`,
    command: identities.map((one) => guardedCommand(one, `kill -KILL ${one.pid}`)).join('; '),
  };
}

interface Proof {
  readonly at: number;
  readonly seen: readonly string[];
}

const nothingAsked: Proof = { at: Number.POSITIVE_INFINITY, seen: [] };

/**
 * On a machine that is busy already, burners get their fair share and no more. So what counts is that they asked: the time that they
 * ran plus the time that they waited for a CPU is what was asked for, and they did run.
 */
function cpuMeter(burners: readonly Burner[]) {
  const cpuBurners = burners.flatMap(({ task, identity }) => ('cpuLoad' in task ? [{ task, identity }] : []));
  const asked = cpuBurners.reduce((sum, { task }) => sum + task.cpuLoad / 100, 0);
  const atRest = total(cpuBurners.map(({ identity }) => identity));
  let began: { at: number; ranMs: number; waitedMs: number } | undefined;
  let last = { ran: 0, waited: 0, overMs: 0 };
  const measure = () => {
    const now = total(cpuBurners.map(({ identity }) => identity));
    if (began === undefined && now.ranMs - atRest.ranMs >= 5) began = { at: Date.now(), ...now };
    const overMs = began === undefined ? 0 : Date.now() - began.at;
    if (began === undefined || overMs === 0) return;
    last = {
      overMs,
      ran: (now.ranMs - began.ranMs) / overMs,
      waited: (now.waitedMs - began.waitedMs) / overMs,
    };
  };
  const seen = () =>
    `${many(cpuBurners.length, 'burner')} used ${last.ran.toFixed(2)} CPUs and waited for ${last.waited.toFixed(2)}, over ${last.overMs} ms (asked for ${asked.toFixed(2)} of ${availableParallelism()})`;
  return {
    seen,
    proof(): Proof | undefined {
      if (cpuBurners.length === 0) return nothingAsked;
      measure();
      const proven =
        last.overMs >= cpuWindowMs &&
        last.ran + last.waited >= 0.8 * asked &&
        last.ran >= 0.1 * Math.min(asked, 1);
      return began !== undefined && proven ? { at: began.at, seen: [seen()] } : undefined;
    },
  };
}

function total(identities: readonly ProcessIdentity[]): { ranMs: number; waitedMs: number } {
  const uses = identities.filter(isAlive).map(({ pid }) => cpuUse(pid));
  const sum = (values: number[]) => values.reduce((a, b) => a + b, 0);
  return { ranMs: sum(uses.map((use) => use.ranMs)), waitedMs: sum(uses.map((use) => use.waitedMs)) };
}

function memoryProof(burners: readonly Burner[], base: readonly number[]): Proof | undefined {
  const asked = burners.flatMap(({ task }) => ('megabytes' in task ? [task.megabytes] : []))[0];
  if (asked === undefined) return nothingAsked;
  return heldMegabytes(burners, base) >= 0.95 * asked
    ? { at: Date.now(), seen: [`${memorySeen(burners, base)} (asked for ${asked} MB)`] }
    : undefined;
}

function memorySeen(burners: readonly Burner[], base: readonly number[]): string {
  return `a burner holds ${heldMegabytes(burners, base).toFixed(0)} MB of memory`;
}

function heldMegabytes(burners: readonly Burner[], base: readonly number[]): number {
  const index = burners.findIndex(({ task }) => 'megabytes' in task);
  const burner = burners[index];
  if (burner === undefined || !isAlive(burner.identity)) return 0;
  return (residentBytes(burner.identity.pid) - (base[index] ?? 0)) / megabyte;
}
