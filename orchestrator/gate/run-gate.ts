import path from 'node:path';
import type { SuiteComparison } from '../../chaos/schema/suite.ts';
import { now } from '../clock.ts';
import type { JournalLine } from '../journal/events.ts';
import { readJournal } from '../journal/read-journal.ts';
import { journalOf } from '../journal/run-directory.ts';
import { EnvironmentBusyError } from '../recovery/active-run.ts';
import { LeftBehindError } from '../recovery/left-behind-error.ts';
import { leftBy } from '../recovery/left-by.ts';
import { recordingOf } from '../samples/recording/recording.ts';
import type { GatePlan, GateResult, PartResult, PlannedComparison } from './gate.types.ts';
import { type ComparedSoFar, gateVerdict } from './gate-verdict.ts';
import { compareRun } from './history/compare-run.ts';
import { type RunRecord, recordOf } from './history/run-record.ts';
import { machineDoubt, withDoubt } from './machine-doubt.ts';
import { type Compared, compareSlots, FAMILY_ALPHA } from './side-by-side/compare-slots.ts';
import { earlyLook, lastLook } from './side-by-side/looks.ts';
import { readSlots, type Slots } from './side-by-side/read-slots.ts';

export interface GateOptions<P> {
  readonly plan: GatePlan<P>;
  readonly directory: string;
  /** Runs one part in its directory. @throws when its load was not started */
  readonly run: (part: P, directory: string) => Promise<PartResult>;
  /** Was the gate asked to stop? What has not begun then is not begun. */
  readonly stopped: () => boolean;
  readonly say: (text: string) => void;
  /** Adds a run to those of the past. */
  readonly keep?: (record: RunRecord) => void;
}

/** Runs the parts one after the other and decides. @throws only when something was left behind, or an environment is taken at the start */
export async function runGate<P extends { readonly name: string }>({
  plan,
  directory,
  run,
  stopped,
  say,
  keep,
}: GateOptions<P>): Promise<GateResult> {
  const residue: PartResult['residue'][number][] = [];
  const noise: { lateMs: number | null; steal: number | null } = { lateMs: null, steal: null };
  const checks: GateResult['checks'][number][] = [];
  let endedAt = Number.NEGATIVE_INFINITY;
  let hasRun = false;
  for (const part of plan.checks) {
    const { verdict, reasons } = await runPart(part);
    const { name, blocks, note } = part;
    checks.push({ name, verdict, blocks, run: name, reasons, ...(note === undefined ? {} : { note }) });
  }
  const compared: ComparedSoFar[] = [];
  for (const planned of plan.comparisons) compared.push(await compare(planned));
  const { verdict, reasons } = gateVerdict(checks, compared, plan.budgets);
  return {
    schema: 1,
    suite: plan.suite,
    verdict,
    reasons,
    ...(Number.isFinite(endedAt) ? { endedAt: new Date(endedAt).toISOString() } : {}),
    seed: plan.seed,
    checks,
    comparisons: compared.flatMap(({ results }) => results),
    ...(plan.budgets === undefined || plan.budgets.length === 0 ? {} : { budget: plan.budgets }),
    noise,
    residue,
  };

  async function compare({
    comparison,
    starts,
    notes,
    history,
    between,
    stopsEarly = false,
    alpha = FAMILY_ALPHA,
  }: PlannedComparison<P>): Promise<ComparedSoFar> {
    const { name, blocks } = comparison;
    const problems: string[] = [];
    const slots: Slots[] = [];
    const journals: (readonly JournalLine[])[] = [];
    for (const part of starts) {
      const { verdict, reasons } = await runPart(part);
      if (verdict !== 'PASS')
        problems.push(`comparison ${name}: ${part.name} was not measured: ${reasons[0] ?? verdict}`);
      const own = path.join(directory, part.name);
      const recording = recordingOf(path.join(own, 'k6'), 0);
      const read = await readSlots(recording, comparison.slots.length);
      if (read.problem === null) slots.push(read.slots);
      else if (verdict === 'PASS')
        problems.push(`comparison ${name}: the recording of ${part.name} is not whole: ${read.problem}`);
      journals.push(lookAtMachine(own));
      const look =
        stopsEarly && problems.length === 0
          ? earlyLook(comparison, slots, starts.length, between, alpha)
          : null;
      if (look === null) continue;
      say(
        `comparison ${name}: regressed after ${slots.length} of ${starts.length} starts, so the others are not needed`,
      );
      const note = `comparison ${name}: it ended after ${slots.length} of ${starts.length} starts, because something had plainly regressed`;
      return { name, blocks, results: look.results, problems, notes: [...notes, note] };
    }
    const doubt = machineDoubt(journals);
    const more: string[] = [];
    const whole =
      history !== null
        ? compareWithHistory(
            { comparison, history, alpha },
            slots[0],
            problems.length === 0 && doubt === null,
            (text) => more.push(`comparison ${name}: ${text}`),
          )
        : stopsEarly
          ? lastLook(comparison, slots, starts.length, between, alpha)
          : compareSlots(comparison, slots, between, { alpha });
    const results = doubt === null ? whole.results : withDoubt(whole.results, doubt);
    if (results.some(({ reason }) => reason === doubt))
      problems.push(`comparison ${name}: ${doubt}: too much to say that durations are the same`);
    return { name, blocks, results, problems: [...problems, ...whole.problems], notes: [...notes, ...more] };
  }

  function compareWithHistory(
    {
      comparison,
      history,
      alpha,
    }: { comparison: SuiteComparison; history: readonly RunRecord[]; alpha: number },
    slots: Slots | undefined,
    isWhole: boolean,
    note: (text: string) => void,
  ): Compared {
    if (slots === undefined) return { results: [], problems: [] };
    const record = recordOf(comparison, slots, new Date(now()).toISOString());
    // Green or red: a baseline that only takes what it likes freezes.
    try {
      if (isWhole && Object.keys(record.requests).length > 0) keep?.(record);
    } catch (error) {
      // What was measured has its verdict all the same.
      note(`this run was not kept: ${(error as Error).message}`);
    }
    return compareRun(comparison, history, record, alpha);
  }

  async function runPart(part: P): Promise<PartResult> {
    const own = path.join(directory, part.name);
    if (stopped()) return nothing(own, 'the gate was asked to stop');
    say(`${part.name} …`);
    try {
      const result = await run(part, own);
      endedAt = Math.max(endedAt, linesOf(own).at(-1)?.at ?? endedAt);
      hasRun = true;
      residue.push(...result.residue);
      say(`${part.name}: ${result.verdict}`);
      return result;
    } catch (error) {
      // Before the first part nothing is lost. After it, what was measured is worth a report.
      const isBusy = error instanceof EnvironmentBusyError;
      if (error instanceof LeftBehindError || (isBusy && !hasRun)) throw error;
      const { message } = error as Error;
      residue.push(...leftBy(error));
      say(`${part.name}: INVALID: ${message}`);
      return nothing(own, message);
    }
  }

  function lookAtMachine(own: string): readonly JournalLine[] {
    const lines = linesOf(own);
    for (const { event } of lines) {
      if (event.type !== 'machine') continue;
      noise.lateMs = larger(noise.lateMs, event.lateMaxMs);
      noise.steal = larger(noise.steal, event.steal);
    }
    return lines;
  }
}

function nothing(directory: string, reason: string): PartResult {
  return { verdict: 'INVALID', reasons: [reason], directory, residue: [] };
}

function linesOf(directory: string): readonly JournalLine[] {
  try {
    return readJournal(journalOf(directory)).lines;
  } catch {
    return [];
  }
}

function larger(a: number | null, b: number | null): number | null {
  return a === null || b === null ? (a ?? b) : Math.max(a, b);
}
