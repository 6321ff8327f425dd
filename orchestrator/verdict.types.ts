/** The shape of verdict.json (CONTRACT.md, schema 1). Times are ISO 8601 with milliseconds, durations in milliseconds. */
export type Outcome = 'PASS' | 'FAIL' | 'INVALID';

export interface Verdict {
  readonly schema: 1;
  readonly run: string;
  readonly drill: string;
  readonly environment: string;
  /** Variables of the drill that had another value than in its file. Left out: none. */
  readonly vars?: Readonly<Record<string, string>>;
  readonly verdict: Outcome;
  /** Why: causes, the first one first, what was broken before what is not known; for PASS what was proven. */
  readonly reasons: readonly string[];
  /** `reasons` in their parts; for PASS only its notes. Left out: a squall that did not tell them apart yet. */
  readonly causes?: readonly Cause[];
  readonly startedAt: string;
  readonly endedAt: string;
  readonly phases: readonly PhaseResult[];
  readonly objectives: readonly ObjectiveResult[];
  readonly faults: readonly FaultResult[];
  readonly probes: readonly ProbeResult[];
  readonly writes: WritesResult | null;
  readonly budget: readonly BudgetResult[];
  /** Failed requests that were sent with a `traceparent`. Left out: none. */
  readonly traces?: FailedTraces;
  /** The machine that generated the load. Left out: nothing watched it (an older squall, or a run without a load). */
  readonly machine?: MachineResult;
  /** Promises of the systems that the drill is about, which it does not measure. Left out: there was no register. */
  readonly unmeasured?: readonly UnmeasuredPromise[];
  /** What was left behind, with the command that removes it. */
  readonly residue: readonly Residue[];
}

export interface FailedTraces {
  /** All of them. */
  readonly failed: number;
  /** The first ones of each request name and failure. */
  readonly listed: readonly FailedTrace[];
}

export interface FailedTrace {
  /** When it had failed. */
  readonly at: string;
  readonly request: string;
  /** k6's words, or the status: `HTTP 503`. */
  readonly failure: string;
  readonly traceId: string;
  /** Where a person finds it; null: the environment does not say. */
  readonly url: string | null;
}

/** A promise of the register, or a part of one, that a drill does not measure. */
export interface UnmeasuredPromise {
  /** With its part: `rds.failover, on-rds`. */
  readonly id: string;
  readonly bound: string;
  readonly owner: string;
  /** What measures it instead, or why nothing does. */
  readonly reason: string;
}

/** What the machine that generated the load did meanwhile. Shares are 0 to 1, of all processors; null where the kernel does not say. */
export interface MachineResult {
  readonly cpus: number;
  /** The target ran on it, too, as far as the environment says; null: not known. */
  readonly hostsTarget: boolean | null;
  readonly watchedSeconds: number;
  /** How late a timer came that is due every 20 ms, at worst. */
  readonly lateMaxMs: number;
  /** When more than half of the time was lost to k6; the longest, in order. */
  readonly standstills: readonly {
    readonly from: string;
    readonly to: string;
    readonly lostMs: number;
    readonly cause: 'late' | 'stopped' | 'starved' | 'link starved';
  }[];
  /** Of all standstills, also of those that are not listed. */
  readonly standstillCount: number;
  readonly stoodStillMs: number;
  /** Whole seconds in which it stood still for so long that it was not able to measure. */
  readonly unable: readonly { readonly from: string; readonly to: string }[];
  /** Means over the run. */
  readonly busyShare: number | null;
  readonly stealShare: number | null;
  /** Of the time: some task was ready to run and had no processor (PSI). */
  readonly pressureShare: number | null;
  /** Processors that k6 used on average: 0.5 is half of one. */
  readonly k6Cpus: number | null;
  /** VUs in use, at most. */
  readonly vusMax: number | null;
}

/** One reason: what happened, what follows, and what a person can do. Each is a sentence or two; null where there is nothing to say. */
export interface Cause {
  readonly result: 'FAIL' | 'INVALID' | 'NOTE';
  readonly cause: string;
  readonly consequence: string | null;
  readonly advice: string | null;
  /** With INVALID: nothing that passed in this run is proven, whatever else it broke. Left out: it is about one row, or no longer known. */
  readonly wholeRun?: true;
  /** What was not measured because of it: the rows that are marked `notMeasured`, and loads. */
  readonly notMeasured: readonly NotMeasured[];
}

export interface NotMeasured {
  readonly kind: 'load' | 'objective' | 'fault' | 'probe' | 'writes';
  /** As in its row, e.g. `gateway.latency.p95 (fault:x)`. */
  readonly name: string;
  readonly reason: string;
}

export interface PhaseResult {
  readonly name: string;
  readonly from: string;
  readonly to: string;
  readonly requests: number;
  /** Bad events: failed requests and dropped iterations. */
  readonly errors: number;
  readonly dropped: number;
  /** Of the streams of events beside requests, good and bad. Left out: none came. */
  readonly events?: number;
  readonly failedEvents?: number;
  /** Milliseconds, of successful requests; null without any. */
  readonly p50: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
}

export interface ObjectiveResult {
  readonly name: string;
  readonly phase: string;
  /** e.g. `p95 < 100ms`. */
  readonly target: string;
  /** In the target's unit (ms, fraction, per second, count); null when there was nothing to measure. */
  readonly measured: number | null;
  readonly samples: number;
  readonly result: Outcome;
  readonly reason: string;
  /** INVALID because it is broken only by what the machine that generated the load did. */
  readonly byMachine?: true;
  /** FAIL while the processors that the target shares with the load were so busy (0 to 1): it may have had too few of them. */
  readonly busyShare?: number;
  /** INVALID because of something else in the run: listed behind that cause, and no reason of its own. */
  readonly notMeasured?: true;
}

export interface FaultResult {
  readonly name: string;
  readonly kind: string;
  readonly component: string;
  readonly targets: readonly string[];
  /** All sentences of the three legs, in their order. */
  readonly evidence: readonly string[];
  /** It was in, its targets were in use, it is out: each with what was observed. */
  readonly legs: {
    readonly in: readonly string[];
    readonly use: readonly UseSeen[];
    readonly out: readonly string[];
  };
  /** How requests noticed it; none: they did not. */
  readonly noticed: readonly string[];
  /** The drill says that no request has to notice it (`expect: { unnoticed: true }`). */
  readonly unnoticed: boolean;
  readonly injectedAt: string | null;
  readonly removedAt: string | null;
  readonly firstBadAt: string | null;
  readonly detectedAt: string | null;
  readonly recoveredAt: string | null;
  /** From the moment that squall began to inject; null: no alert. */
  readonly detectedAfterMs: number | null;
  /** From the proof of the fault or the first bad request, whichever came first; of a fault that lasts, from its end. Null: no outage, or no end of it. */
  readonly recoveredAfterMs: number | null;
  /** Null: not measured, since the fault was not seen to be in, or no request was due. */
  readonly downtimeMs: number | null;
  /** How exact injectedAt and removedAt can be: the larger of 5 ms and the time since the look that did not see it yet. */
  readonly injectedToleranceMs: number;
  readonly removedToleranceMs: number;
  /**
   * How exact the times of requests can be: the larger of 5 ms and the gap between two of them, and with runners on other machines how
   * well their clocks are known, twice. For downtime: of each outage.
   */
  readonly toleranceMs: number;
  readonly failedRequests: number;
  /** Of the streams of events beside requests. Left out: none. */
  readonly failedEvents?: number;
  readonly outages: readonly Outage[];
  /** What `expect` asked, one row each. */
  readonly expectations: readonly {
    readonly name: string;
    readonly target: string;
    readonly measured: string;
    readonly result: Outcome;
    /** Broken only by a silence that the machine which generated the load can have caused. */
    readonly byMachine?: true;
  }[];
  readonly result: Outcome;
  readonly reason: string;
  /** See ObjectiveResult. */
  readonly notMeasured?: true;
}

export interface UseSeen {
  /** Before the fault went in, or while it was in. */
  readonly when: 'steady' | 'in';
  /** Null: it could not be measured. */
  readonly inUse: boolean | null;
  /** For how long it was watched. */
  readonly forMs: number;
  readonly seen: readonly string[];
}

export interface Outage {
  readonly request: string;
  readonly from: string;
  readonly to: string | null;
  readonly downtimeMs: number;
  /** How many times it came back for less than a sustained run. */
  readonly flaps: number;
  /** False: one or two failures on their own while the target served well. Neither downtime nor recovery has them. */
  readonly counts: boolean;
}

export interface ProbeResult {
  readonly name: string;
  readonly target: string;
  readonly measured: string;
  readonly result: Outcome;
  /** The fault that it waited for. Left out: the first sample. */
  readonly after?: string;
  /** See ObjectiveResult. */
  readonly notMeasured?: true;
}

export interface WritesResult {
  readonly acknowledged: number;
  readonly present: number;
  readonly lost: number;
  readonly duplicated: number;
  readonly lostIds: readonly string[];
  readonly duplicatedIds: readonly string[];
  /** The look-up cannot tell once from twice, so `duplicated` is not known. Left out: it can. */
  readonly seesDuplicates?: false;
  /** How many of each the drill allows. Left out: it does not say, or a squall that did not write it yet. */
  readonly allowed?: { readonly lost: number; readonly duplicated: number };
  readonly result: Outcome;
  readonly reason: string;
  /** See ObjectiveResult. */
  readonly notMeasured?: true;
}

export interface BudgetResult {
  readonly objective: string;
  readonly window: string;
  readonly phase: string;
  /** Share of the window's error budget that this phase spent. */
  readonly consumed: number;
  /** Error rate over the allowed rate: 1 spends the budget exactly in the window. */
  readonly burnRate: number;
}

export interface Residue {
  readonly what: string;
  readonly command: string;
}
