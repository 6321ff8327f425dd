import { ProviderError } from '../../chaos/provider.ts';
import { type StandIn, startStandIn } from '../../chaos/providers/aws/fixtures/stand-in.ts';
import { furnish, requestOf } from '../../chaos/providers/aws/fixtures/world.ts';
import { type AwsOptions, createAwsProvider } from '../../chaos/providers/aws/provider.ts';
import { now } from '../../orchestrator/clock.ts';
import type { JournalEvent, JournalLine } from '../../orchestrator/journal/events.ts';
import { faultTimes } from '../../orchestrator/judge/fault-times.ts';
import { judgeFault } from '../../orchestrator/judge/faults.ts';
import { runTimeline } from '../../orchestrator/run/timeline.ts';
import { watchUses } from '../../orchestrator/run/use-of-faults.ts';

export interface Told {
  /** REFUSED: the drill does not start. */
  readonly result: 'PASS' | 'FAIL' | 'INVALID' | 'REFUSED';
  readonly reason: string;
  readonly evidence: readonly string[];
  /** Orders that the stand-in has carried out, and those that were sent. */
  readonly orders: readonly string[];
  readonly sent: number;
  /** Experiments of FIS that have not ended, and templates. */
  readonly left: readonly string[];
}

export interface OneFault {
  readonly form: object;
  readonly params?: object;
  /** Called with the furnished stand-in before anything is resolved. */
  readonly before?: (standIn: StandIn) => void;
  /** Called when the plan has been made, before the fault is due. */
  readonly planned?: (standIn: StandIn) => void;
  /** The load notices an outage, as it would on a real account. Left out: when the stand-in says that the store went down. */
  readonly noticed?: boolean;
  readonly skewMs?: number;
  /** False: events are told, but no role changes and nothing goes down. */
  readonly roles?: boolean;
  readonly unnoticed?: boolean;
  readonly options?: AwsOptions;
  readonly change?: (request: ReturnType<typeof requestOf>) => ReturnType<typeof requestOf>;
}

/** The stand-in is as quick as this, and squall less impatient than that: a shared machine stops for a while now and then. */
const STAND_IN_SPEED = 400;
const SQUALL_SPEED = 100;
const LOAD_GOES_ON_MS = 1_000;

/** One fault on a stand-in for AWS, through squall's own timeline and judgement. Only the load is left out. */
export async function liveThrough(fault: OneFault): Promise<Told> {
  let wentDown = false;
  const standIn = await startStandIn({
    speed: STAND_IN_SPEED,
    skewMs: fault.skewMs ?? 0,
    roles: fault.roles ?? true,
    effect: (what) => {
      wentDown ||= what === 'down' && fault.roles !== false;
    },
  });
  furnish(standIn);
  fault.before?.(standIn);
  const provider = createAwsProvider({ speed: SQUALL_SPEED, requestTimeoutMs: 2_000, ...fault.options });
  const asked = requestOf(standIn, fault.form, fault.params);
  const expected = { ...asked, fault: { ...asked.fault, expect: { unnoticed: fault.unnoticed ?? false } } };
  const request = fault.change?.(expected) ?? expected;
  const told = (result: Told['result'], reason: string, evidence: readonly string[] = []): Told => ({
    result,
    reason,
    evidence,
    orders: [...standIn.orders],
    sent: standIn.calls.filter((call) => ORDER.test(call)).length,
    left: [
      ...standIn.fis.experiments.filter(({ tags }) => tags['squall-run'] === 'test'),
      ...standIn.fis.templates,
    ]
      .filter((one) => !('state' in one) || !/^(stopp|completed|failed|cancelled)/.test(one.state.status))
      .map(({ id }) => id),
  });
  try {
    try {
      await provider.resolve(request, AbortSignal.timeout(20_000));
    } catch (error) {
      if (!(error instanceof ProviderError)) throw error;
      return told('REFUSED', `${error.message}. Fix: ${error.fix}`);
    }
    fault.planned?.(standIn);
    const lines: JournalLine[] = [line({ type: 'run-started', drill: { faults: [request.fault] } } as never)];
    const never = new AbortController().signal;
    const loadOver = new AbortController();
    const written = (event: JournalEvent) => {
      lines.push(line(event));
      if (event.type === 'fault-injected') setTimeout(() => loadOver.abort(), LOAD_GOES_ON_MS).unref();
    };
    const session = await provider.open({} as never, never);
    const planned = { request, provider, session, lasting: 'for' in request.fault };
    await runTimeline(watchUses([planned], written), {
      zeroAt: now(),
      quietUntil: now(),
      stop: never,
      loadOver: loadOver.signal,
      steadyGate: async () => true,
      write: written,
      writeAside: async (event) => written(event),
      arm: async () => {},
      disarm: async () => {},
      undo: async (records) => {
        for (const record of records) await provider.undo(record, never);
      },
      allow: () => {},
      maxTargets: 1,
    });
    await session.close();
    const [times] = faultTimes(lines);
    if (times === undefined) throw new Error('the journal has no fault');
    const judged = judgeFault({
      times,
      outages: [],
      windowEnd: now() + 60_000,
      alertsUntil: now() + 60_000,
      threwUnseen: 0,
      unheard: [],
      keptUntil: null,
      requests: 1_000,
      failedRequests: 0,
      toleranceMs: 5,
      noticed: (fault.noticed ?? wentDown) ? ['GET /api/projects failed'] : [],
      watchesUse: true,
      alerts: [],
      receivesAlerts: false,
      refusedAlerts: [],
    });
    return told(judged.result, judged.reason, judged.evidence);
  } finally {
    await standIn.close();
  }

  function line(event: JournalEvent): JournalLine {
    return { at: now(), event } as JournalLine;
  }
}

const ORDER = /:(RebootDBInstance|FailoverDBCluster|TestFailover|StopTask|StartExperiment)$/;
