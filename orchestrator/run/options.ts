import type { Provider } from '../../chaos/provider.ts';
import type { Drill } from '../../chaos/schema/drill.ts';
import type { Environment } from '../../chaos/schema/environment.ts';
import type { Objective } from '../../thresholds/objective.ts';
import type { JournalEvent } from '../journal/events.ts';
import type { K6Binary } from '../load/runner.ts';
import type { ResolvedPlan } from '../plan.types.ts';
import type { LiveTick } from '../samples/types.ts';
import type { Undoing } from '../undo.ts';
import type { UnmeasuredPromise } from '../verdict.types.ts';

/** A drill that has passed every check that needs no target. */
export interface DrillOptions {
  readonly run: string;
  readonly directory: string;
  readonly drill: Drill;
  /** Variables that have another value than in its file; left out: none. */
  readonly changed?: Readonly<Record<string, string>>;
  /** With its secrets resolved. `secrets` are the texts that must not appear anywhere. */
  readonly environment: Environment;
  readonly environmentFile: string;
  readonly secrets: readonly string[];
  readonly objectives: readonly Objective[];
  /** Promises of the register that the drill does not measure; left out: there is no register. */
  readonly unmeasured?: readonly UnmeasuredPromise[];
  /** Remarks of the plan for the user; they go into the journal. */
  readonly notes?: readonly string[];
  readonly k6: K6Binary;
  readonly cwd: string;
  /** The guardian's compiled entry point. */
  readonly guardianEntry: string;
  /** The providers. The undo of the run's own load and testbed is added to them. */
  readonly undoing: readonly Undoing[];
  /** Providers of the environment whose sessions are opened before the testbed is brought up and the targets are looked up. */
  readonly openFirst?: readonly Provider[];
  /** Looks up the real targets once the target is up. @throws when a limit refuses them */
  readonly resolve: (signal: AbortSignal) => Promise<ResolvedPlan>;
  readonly progress?: Progress;
  /** k6 serves its own dashboard of the first load here, on this machine. Left out: it serves none. */
  readonly dashboardPort?: number | undefined;
  /** Ends the run as `squall stop` does; the reason of the abort says who asked. */
  readonly stop?: AbortSignal;
  /** How long an incomplete testbed may take to become complete; left out: 30 s. */
  readonly testbedPatienceMs?: number;
  readonly signals?: Pick<NodeJS.Process, 'on' | 'off'>;
}

/** What opening a run needs: its name and directory, and what its journal starts with. */
export type OpeningOptions = Pick<
  DrillOptions,
  | 'run'
  | 'directory'
  | 'drill'
  | 'changed'
  | 'environment'
  | 'environmentFile'
  | 'secrets'
  | 'objectives'
  | 'unmeasured'
  | 'guardianEntry'
  | 'undoing'
  | 'progress'
  | 'stop'
  | 'signals'
>;
/** What getting the target ready needs. */
export type PreparingOptions = Pick<
  DrillOptions,
  'environment' | 'cwd' | 'resolve' | 'testbedPatienceMs' | 'openFirst'
>;
/** What load and faults need. */
export type LivingOptions = Pick<
  DrillOptions,
  'cwd' | 'drill' | 'environment' | 'k6' | 'secrets' | 'notes' | 'progress' | 'dashboardPort'
>;

export interface Progress {
  tick(tick: LiveTick, load: number): void;
  event(event: JournalEvent): void;
}
