import type { Register, RegisterMeasure, RegisterPromise } from '../../chaos/schema/register.ts';
import type { Outcome } from '../verdict.types.ts';
import { parseBounds, sameBounds } from './bound.ts';
import { isFrom, measureText, neverSeen } from './measure-text.ts';
import type { MeasuredRow, MeasuredRun } from './measured-run.ts';

export type PromiseResult = Outcome | 'NOT MEASURED';

/** A promise, or one part of it, with its last measurement. */
export interface Measurement {
  readonly bound: string;
  /** What measures it, in words. Empty: nothing does. */
  readonly by: string;
  /** The run that measured it last; null: none has. */
  readonly run: string | null;
  /** Where it was measured; null: nowhere, or the run does not say. */
  readonly environment: string | null;
  /** ISO 8601. */
  readonly at: string | null;
  readonly measured: number | string | null;
  /** What the run compared with, which carries the unit of `measured`. */
  readonly target: string | null;
  readonly result: PromiseResult;
  readonly reason: string;
  /** NOT MEASURED, and the register itself says why. */
  readonly listed: boolean;
}

export interface PromiseRow extends Measurement {
  readonly id: string;
  readonly area: string;
  readonly system: string;
  readonly owner: string;
  readonly means: string;
  readonly parts: readonly (Measurement & { readonly name: string })[];
}

/**
 * Each promise of a register with its last measurement over these runs. A run counts for a promise when it measured what `by` names,
 * against the same bound, and gave PASS or FAIL; of several, the newest. A run that is INVALID as a whole, or would be if it had broken
 * nothing, proves nothing: no PASS in it counts. Of a promise in parts, the worst part counts. Pure.
 */
export function measurePromises(register: Register, runs: readonly MeasuredRun[]): PromiseRow[] {
  const newestFirst = [...runs].sort((a, b) => (a.at < b.at ? 1 : a.at > b.at ? -1 : 0));
  return Object.entries(register.areas).flatMap(([area, { promises, system: ofArea }]) =>
    Object.entries(promises).map(([id, promise]) => {
      const system = promise.system ?? ofArea ?? '';
      const parts = Object.entries(promise.parts ?? {}).map(([name, part]) => ({
        name,
        ...measureOne(part, part.bound, newestFirst),
      }));
      return {
        id,
        area,
        system,
        owner: promise.owner ?? register.systems[system]?.owner ?? '',
        means: promise.means ?? '',
        ...(parts.length > 0 ? ofParts(promise, parts) : measureOne(promise, promise.bound, newestFirst)),
        parts,
      };
    }),
  );
}

/** The worst of several: a broken promise, then one that nobody could tell, then one that nobody has measured. */
export function worstResult(results: readonly PromiseResult[]): PromiseResult {
  const order: readonly PromiseResult[] = ['FAIL', 'INVALID', 'NOT MEASURED', 'PASS'];
  return order.find((one) => results.includes(one)) ?? 'NOT MEASURED';
}

type Measurable = Pick<RegisterPromise, 'by' | 'notMeasured'>;

function measureOne(
  { by = [], notMeasured }: Measurable,
  bound: string,
  runs: readonly MeasuredRun[],
): Measurement {
  const common = { bound, by: by.map(measureText).join('; ') };
  const hits = runs.flatMap((run) => worstHit(by.flatMap((one) => hitsIn(run, one, one.bound ?? bound))));
  const newest = hits.find(({ result }) => result === 'PASS' || result === 'FAIL');
  if (newest !== undefined) {
    const before = hits[0];
    const unable =
      before === undefined || before === newest || before.result !== 'INVALID'
        ? ''
        : `a newer run could not tell (${before.run}: ${before.reason || 'INVALID'})`;
    return {
      ...common,
      ...shown(newest),
      reason: [newest.reason, unable].filter((text) => text !== '').join('; '),
    };
  }
  const unable = hits.find(({ result }) => result === 'INVALID');
  if (unable !== undefined) return { ...common, ...shown(unable) };
  if (notMeasured !== undefined) return { ...common, ...nothing(notMeasured), listed: true };
  return { ...common, ...nothing(hits[0]?.reason ?? neverSeen(by, runs)), listed: false };
}

/** What nobody has measured. */
function nothing(reason: string) {
  const none = { run: null, environment: null, at: null, measured: null, target: null };
  return { ...none, result: 'NOT MEASURED', reason } as const;
}

interface Hit {
  readonly run: string;
  readonly environment: string | null;
  readonly at: string;
  readonly measured: MeasuredRow['measured'];
  readonly target: string | null;
  readonly result: PromiseResult;
  readonly reason: string;
}

function shown(hit: Hit) {
  return { ...hit, listed: false };
}

/** All that a run measured of one promise is one measurement: the worst of it, and of equals the one closest to its bound. */
function worstHit(hits: readonly Hit[]): Hit[] {
  const order: readonly PromiseResult[] = ['FAIL', 'INVALID', 'PASS', 'NOT MEASURED'];
  const worst = order.find((result) => hits.some((hit) => hit.result === result));
  const alike = hits.filter(({ result }) => result === worst);
  const [first, ...others] = alike;
  if (first === undefined) return [];
  const isUpper = parseBounds(first.target ?? '')[0]?.side !== 'above';
  const closest = others.reduce((best, hit) => {
    if (typeof hit.measured !== 'number' || typeof best.measured !== 'number' || hit.target !== best.target)
      return best;
    return hit.measured > best.measured === isUpper ? hit : best;
  }, first);
  return [closest];
}

/** The rows of a run that a measurement names, as far as they tell something about its bound. */
function hitsIn(run: MeasuredRun, measure: RegisterMeasure, bound: string): Hit[] {
  if (!isFrom(run, measure)) return [];
  return run.rows
    .filter((row) => isMeant(row, measure))
    .map((row): Hit => {
      const { run: id, at, environment = null } = run;
      const hit = { run: id, environment, at, measured: row.measured, target: row.target };
      if (row.result === 'not measured') return { ...hit, result: 'NOT MEASURED', reason: row.reason };
      if (run.vars !== undefined && row.what !== 'told')
        return { ...hit, result: 'NOT MEASURED', reason: `${id} was run with ${changesText(run.vars)}` };
      if (row.target !== null && parseBounds(bound).length > 0 && !sameBounds(bound, row.target))
        return {
          ...hit,
          result: 'NOT MEASURED',
          reason: `${id} measured it against another bound (${row.target})`,
        };
      // Whoever was told of an INVALID run was told.
      const unusable = row.result === 'PASS' && row.what !== 'told' ? unusableText(run) : null;
      if (unusable !== null) return { ...hit, result: 'INVALID', reason: unusable };
      return { ...hit, result: row.result, reason: row.reason };
    });
}

/** `RATE=100`, as `--var` has it. */
function changesText(vars: Readonly<Record<string, string>>): string {
  return Object.entries(vars)
    .map(([name, value]) => `${name}=${value}`)
    .join(', ');
}

/** Null: a PASS in it counts. */
function unusableText({ verdict, unusable }: MeasuredRun): string | null {
  if (verdict === 'INVALID') return 'the run as a whole is INVALID, which proves nothing';
  return unusable === undefined ? null : `the run as a whole proves nothing: ${unusable}`;
}

function isMeant({ what, name, phase }: MeasuredRow, measure: RegisterMeasure): boolean {
  const wanted = measure[what];
  if (wanted === undefined) return false;
  if (measure.phase !== undefined && measure.phase !== phase) return false;
  return wanted.endsWith('.*') ? name.startsWith(wanted.slice(0, -1)) : name === wanted;
}

function ofParts(
  promise: RegisterPromise,
  parts: readonly (Measurement & { readonly name: string })[],
): Measurement {
  const result = worstResult(parts.map((part) => part.result));
  const first = parts.find((part) => part.result === result);
  const newest = parts
    .filter((part) => part.at !== null)
    .sort((a, b) => ((a.at ?? '') < (b.at ?? '') ? 1 : -1))[0];
  const told = result === 'PASS' ? newest : first;
  const open = parts.filter((part) => part.result !== 'PASS');
  return {
    bound: promise.bound,
    by: [...new Set(parts.map((part) => part.by).filter((text) => text !== ''))].join('; '),
    run: told?.run ?? null,
    environment: told?.environment ?? null,
    at: told?.at ?? null,
    measured: `${parts.length - open.length} of ${parts.length} parts hold`,
    target: null,
    result,
    reason: open
      .map(({ name, result: ofPart, reason }) => `${name}: ${ofPart}${reason && `, ${reason}`}`)
      .join('; '),
    listed: result === 'NOT MEASURED' && open.every((part) => part.listed),
  };
}
