/** What planning hands to the run and to `squall plan`. */
import type { FaultRequest, ProbeReading, ProbeRequest, Provider, Resolution } from '../chaos/provider.ts';
import type { ComponentProbe, Drill } from '../chaos/schema/drill.ts';
import type { Environment } from '../chaos/schema/environment.ts';
import type { LoadSettings } from '../chaos/schema/load.ts';
import type { Objective } from '../thresholds/objective.ts';
import type { UnmeasuredPromise } from './verdict.types.ts';

/** A load of a drill, after its script was inspected. */
export interface PlannedLoad {
  /** The name of its load runner. */
  readonly runner: string;
  /** What the environment says of it; left out: nothing. */
  readonly settings?: LoadSettings;
  readonly script: string;
  /** A k6 script of the user, not a bundle of one of squall's scenarios. */
  readonly foreign: boolean;
  /** Whether a threshold of the script itself that is crossed breaks a promise; never for squall's own scenarios. */
  readonly judgesThresholds: boolean;
  readonly vars: Readonly<Record<string, string>>;
  /** Planned length without the time that k6 grants iterations to finish; null when only iterations bound it. */
  readonly durationMs: number | null;
  /** By scenario: after so many iterations it is known how long they take. See load/k6/iterations.ts. */
  readonly iterationsToKnow: Readonly<Record<string, number>>;
  /** The system tags that its script asks for. */
  readonly systemTags: readonly string[];
  /** The thresholds of its script, by metric with selector: `http_req_duration{name:GET /}`. Left out: not known. */
  readonly thresholds?: readonly { readonly metric: string; readonly asks: readonly string[] }[];
}

/** What a drill is going to do, as far as that is known without looking at the target. */
export interface DrillPlan {
  readonly drill: Drill;
  /** Variables that have another value than in its file. Left out: none. */
  readonly changed?: Readonly<Record<string, string>>;
  /** With its secrets resolved: never write it anywhere. */
  readonly environment: Environment;
  readonly secrets: readonly string[];
  readonly loads: readonly PlannedLoad[];
  readonly objectives: readonly Objective[];
  /** What the user should know before running it, one sentence each. */
  readonly notes: readonly string[];
  /** Promises of the register that this drill does not measure; left out: there is no register. */
  readonly unmeasured?: readonly UnmeasuredPromise[];
}

export interface ResolvedFault {
  readonly request: FaultRequest;
  readonly provider: Provider;
  readonly lasting: boolean;
  readonly resolution: Resolution;
}

/** The plan with the real targets, within the environment's limits. */
export interface ResolvedPlan {
  readonly loads: readonly PlannedLoad[];
  readonly objectives: readonly Objective[];
  readonly faults: readonly ResolvedFault[];
  /** The providers of the environment's components. */
  readonly providers: readonly Provider[];
  /** Checks freshly resolved targets against the limits. @throws with the reason */
  readonly allow: (request: FaultRequest, resolution: Resolution) => void;
  /** Asks a component's provider once. */
  readonly ask: (
    probe: ComponentProbe,
    signal: AbortSignal,
    since?: number,
    leave?: ProbeRequest['leave'],
  ) => Promise<ProbeReading>;
}
