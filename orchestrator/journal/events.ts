/**
 * The events of the journal: every decision, injection, observation and undo, on one clock (epoch milliseconds).
 * `judge` reads only these and the recorded samples, so a run can be judged again at any time.
 *
 * Optional members were added later: older journals must still be judged and recovered. Members that are not listed here (from a newer
 * squall) are dropped when a line is read, although its hash covers them.
 */
import { z } from 'zod';
import { machineSecond } from '../machine/reading.ts';
import { recordedDrill, recordedObjective } from './recorded-drill.ts';
import { evidence, processIdentity, undoOutcome, undoRecord, use } from './shapes.ts';

const text = z.string();
const time = z.number();
const count = z.int().min(0);
const texts = z.array(text).readonly();
const labels = z.record(text, text);

const damage = z.object({
  line: z.int().min(1),
  kind: z.enum(['changed', 'unreadable', 'gap', 'strange']),
  /** For `strange`: what does not fit. */
  why: text.exactOptional(),
});

/** Who undid something. */
const undoer = z.enum(['orchestrator', 'guardian', 'recover']);

const stopCause = z.enum([
  'stop-condition',
  'signal',
  'kill-switch',
  'steady-state',
  'guardian-lost',
  'load-ended',
  'unreached',
  'error',
]);

const receivedAlert = z.object({
  /** When it arrived at squall's receiver. */
  receivedAt: time,
  status: z.enum(['firing', 'resolved']),
  labels,
  annotations: labels,
  startsAt: text.nullable(),
});

const runStarted = z.object({
  type: z.literal('run-started'),
  run: text,
  /** The orchestrator: as long as it lives, nobody else may undo what it did. Left out: not known. */
  owner: processIdentity.exactOptional(),
  squall: text,
  drill: recordedDrill,
  /** Variables of the drill that had another value than in its file. Left out: none (or the journal is older than this). */
  vars: labels.exactOptional(),
  environment: text,
  /** All objectives of the run, sets resolved. */
  objectives: z.array(recordedObjective).readonly(),
  /** Promises of the register that this drill does not measure. Left out: there was no register. */
  unmeasured: z
    .array(z.object({ id: text, bound: text, owner: text, reason: text }))
    .readonly()
    .exactOptional(),
  /** False: the environment has no receiver for alerts, so detection cannot be measured. Left out: it has one. */
  receivesAlerts: z.boolean().exactOptional(),
  /** Where a person finds the trace of a request, with `{traceId}` in it. Left out: the environment does not say. */
  traces: z.object({ url: text }).exactOptional(),
  machine: z.object({
    os: text,
    cpus: z.number(),
    memoryMb: z.number(),
    node: text,
    /** The target runs on this machine, too, as far as the environment says. Left out: not known. */
    hostsTarget: z.boolean().exactOptional(),
  }),
});

const loadEnded = z.object({
  type: z.literal('load-ended'),
  load: count,
  exitCode: z.number().nullable(),
  signal: text.nullable(),
  /** Did the sample stream end as it should: header seen, last line whole, end of file after k6's own exit? */
  streamComplete: z.boolean(),
  streamDetail: text,
  /** Iterations that threw, from k6's own log; every iteration of a broken script throws and k6 still exits 0. */
  scriptErrors: count,
  /** The same by scenario and second (epoch), bounded; `scenario: ''` for setup and teardown. Left out: not known. */
  thrown: z
    .array(z.object({ scenario: text, second: time, count }))
    .readonly()
    .exactOptional(),
  /** What the first iteration threw that did, with its stack. Left out: none did, or it is not known. */
  firstThrown: text.exactOptional(),
  /** Why the first request failed that k6 warned of, in its words. */
  firstFailure: text.exactOptional(),
  /** The last error that a k6 logged whose exit code is not 0, in its words, with the stack of an exception. Left out: it logged none. */
  lastError: text.exactOptional(),
  /** Of a load of several k6: which one ended like this. */
  which: text.exactOptional(),
});

/** How the k6 of one load began, when it has several. */
const loadRunners = z.object({
  type: z.literal('load-runners'),
  load: count,
  /** From here on all of them send requests. Before it the load is not yet what it is meant to be. */
  allAt: time,
  runners: z
    .array(
      z.object({
        name: text,
        /** Where it is, for people. */
        place: text,
        /** Start of its first request; null: it sent none. */
        beganAt: time.nullable(),
        /** What was added to its times, and by how much that may be wrong. */
        clockOffsetMs: z.number(),
        plusMinusMs: z.number().min(0),
        /** Requests of its own setup(). */
        setupRequests: count,
        /** It runs on the machine that squall is on: what watches that one watches it, too. Left out: it does not. */
        here: z.boolean().exactOptional(),
      }),
    )
    .readonly(),
});

const writesChecked = z.object({
  type: z.literal('writes-checked'),
  acknowledged: count,
  present: count,
  lostIds: texts,
  duplicatedIds: texts,
  /** False: the look-up cannot tell once from twice. Left out: it can (or the journal is older than this). */
  seesDuplicates: z.boolean().exactOptional(),
  /** Set when the look-up itself failed: the run cannot say whether writes were lost. */
  failure: text.nullable(),
});

export const journalEvent = z.discriminatedUnion('type', [
  runStarted,
  z.object({ type: z.literal('note'), text }),
  z.object({
    type: z.literal('load-started'),
    load: count,
    script: text,
    /** Null: it is not on this machine. */
    pid: z.int().nullable(),
    k6: text,
    /** What the script plans to run. Left out: not known. */
    scenarios: texts.exactOptional(),
    /** The script's own, where they count. Left out: it has none, or an older squall. */
    thresholds: z
      .array(z.object({ metric: text, asks: texts }).readonly())
      .readonly()
      .exactOptional(),
  }),
  loadRunners,
  /** Start of the first request, with several k6 of the last one to begin: the zero of every `at:` in the drill. */
  z.object({ type: z.literal('first-sample'), time }),
  z.object({ type: z.literal('steady-held'), forMs: time }),
  z.object({ type: z.literal('steady-failed'), reason: text }),
  z.object({ type: z.literal('undo-armed'), record: undoRecord }),
  z.object({ type: z.literal('undo-done'), id: text, by: undoer, outcome: undoOutcome }),
  /** Written right before the injection, when it is due. */
  z.object({ type: z.literal('fault-injecting'), fault: text, targets: texts, dueAt: time }),
  z.object({ type: z.literal('fault-injected'), fault: text, evidence }),
  z.object({ type: z.literal('fault-unproven'), fault: text, reason: text }),
  /** What used the fault's targets: before it went in (`steady`), and while it was in. */
  z.object({
    type: z.literal('fault-use'),
    fault: text,
    when: z.enum(['steady', 'in']),
    from: time,
    to: time,
    use,
  }),
  /** Squall began to take it away (kinds that last). */
  z.object({ type: z.literal('fault-reverting'), fault: text }),
  /** The end was observed: the fault is out, or the component is back. */
  z.object({ type: z.literal('fault-ended'), fault: text, evidence }),
  z.object({ type: z.literal('fault-end-unproven'), fault: text, reason: text }),
  z.object({ type: z.literal('alert'), alert: receivedAlert }),
  /** Alerts that arrived and were not taken, whole calls or single ones. */
  z.object({ type: z.literal('alerts-refused'), count: count.nullable(), reason: text }),
  z.object({
    type: z.literal('probe'),
    name: text,
    ok: z.boolean(),
    time: time.nullable(),
    detail: text,
    /** The provider could not tell, not once. Left out: it could (or the journal is older than this). */
    unanswered: z.boolean().exactOptional(),
  }),
  loadEnded,
  writesChecked,
  /** What this machine did in one second of the load. `vus`: of k6, in use. */
  machineSecond.extend({ type: z.literal('machine'), vus: z.number().nullable() }),
  /** The run was cut short: a stop condition, a signal, the kill switch, a dead guardian. */
  z.object({ type: z.literal('stopped'), cause: stopCause, reason: text }),
  /** The user looked for what damaged lines may have armed, and for what is out of reach, and found nothing left. */
  z.object({
    type: z.literal('declared-clean'),
    damage: z.array(damage).readonly(),
    /** Armed records that could not be looked at, and why. Left out: none. */
    records: z
      .array(z.object({ id: text, what: text }))
      .readonly()
      .exactOptional(),
    /** The command that the user typed. Left out: not known. */
    words: text.exactOptional(),
  }),
  z.object({ type: z.literal('residue'), what: text, command: text }),
  /** `clockStepMs`: how far the wall clock was set during the run. Left out: not known. */
  z.object({ type: z.literal('run-ended'), clockStepMs: z.number().exactOptional() }),
]);

/** A line that was changed, is unreadable, has a shape that squall does not write (`strange`), or follows a `gap`. Counted from 1. */
export type Damage = Readonly<z.infer<typeof damage>>;
export type JournalEvent = Readonly<z.infer<typeof journalEvent>>;
export type RunStarted = Readonly<z.infer<typeof runStarted>>;
export type LoadEnded = Readonly<z.infer<typeof loadEnded>>;
export type MachineEvent = Extract<JournalEvent, { readonly type: 'machine' }>;
export type LoadRunners = Readonly<z.infer<typeof loadRunners>>;
export type WritesChecked = Readonly<z.infer<typeof writesChecked>>;
export type ReceivedAlert = Readonly<z.infer<typeof receivedAlert>>;
export type Undoer = z.infer<typeof undoer>;
export type StopCause = z.infer<typeof stopCause>;

/** One line of journal.jsonl. `hash` is the SHA-256 of the line without it; `prev` is the hash of the line before. */
export interface JournalLine {
  readonly seq: number;
  readonly at: number;
  readonly event: JournalEvent;
  readonly prev: string;
  readonly hash: string;
}
