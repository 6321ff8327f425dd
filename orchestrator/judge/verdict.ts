import { listed, many } from '../objectives/number-text.ts';
import type {
  BudgetResult,
  Cause,
  FaultResult,
  NotMeasured,
  ObjectiveResult,
  Outcome,
  ProbeResult,
  WritesResult,
} from '../verdict.types.ts';
import { faultAdvice, objectiveAdvice, probeAdvice, writesAdvice } from './advice.ts';
import { cutOf, type Finding, isConsequence } from './finding.ts';

/** What the verdict is made of: the parts that were measured, and what is wrong with the run as a whole, in the order of time. */
export interface VerdictInput {
  readonly objectives: readonly ObjectiveResult[];
  readonly faults: readonly FaultResult[];
  readonly probes: readonly ProbeResult[];
  readonly writes: WritesResult | null;
  readonly budget: readonly BudgetResult[];
  readonly findings: readonly Finding[];
}

export interface Decision {
  readonly verdict: Outcome;
  readonly reasons: readonly string[];
  readonly causes: readonly Cause[];
}

/**
 * Fail beats invalid beats pass. A run without a single thing that passed proves nothing. Pure, and independent of the order of
 * what goes in except for the order of the reasons. Reasons are causes: what was not measured because of one is counted and listed
 * behind it; where there is no such cause, it is a reason itself, so that nothing is lost.
 */
export function decide(input: VerdictInput): Decision {
  const parts = partsOf(input);
  const verdict = worst(parts.flatMap(({ result }) => (result === 'NOTE' ? [] : [result])));
  const causes = causesOf(parts);
  if (verdict === 'PASS') {
    const notes = causes.filter(({ result }) => result === 'NOTE');
    if (input.objectives.length === 0) return nothingPromised(notes);
    const passed = parts.filter(({ result }) => result === 'PASS').map(({ text }) => text);
    return { verdict, reasons: [...passed, ...notes.map(sentences)], causes: notes };
  }
  return { verdict, reasons: causes.map(sentences), causes };
}

/** The worst of several; PASS without any. */
export function worst(results: readonly Outcome[]): Outcome {
  if (results.includes('FAIL')) return 'FAIL';
  return results.includes('INVALID') ? 'INVALID' : 'PASS';
}

/** One reason as running text. */
export function sentences({ cause, consequence, advice }: Cause): string {
  return [cause, consequence, advice].filter((part) => part !== null).join(' ');
}

interface Part {
  readonly result: Outcome | 'NOTE';
  readonly text: string;
  readonly consequence?: string | undefined;
  readonly advice?: string | undefined;
  /** It is about the run, and not about one of its rows. */
  readonly wholeRun?: boolean;
  /** What it is called behind a cause. */
  readonly listed: NotMeasured;
  /** The part whose consequence it is. Null: none, it is a cause. */
  readonly because: Part | null;
  /** Parts with the same `why` are one reason; `detail` is what each has to add. */
  readonly alike: { readonly name: string; readonly why: string; readonly detail: string } | null;
}

/** Most important first: the run as a whole (that it was stopped explains the rest), writes, objectives, faults, probes. */
function partsOf({ objectives, faults, probes, writes, findings }: VerdictInput): Part[] {
  const cut = cutOf(findings);
  const runParts = new Map(findings.map((finding) => [finding, findingPart(finding)]));
  const whole = [...runParts].map(([finding, part]) =>
    isConsequence(finding, findings) ? { ...part, because: cutPart() } : part,
  );
  const faultParts = faults.map((fault) => faultPart(fault, fault.notMeasured ? cutPart() : null));
  return [
    ...whole,
    ...(writes ? [writesPart(writes, writes.notMeasured ? cutPart() : null)] : []),
    ...objectives.map((one) =>
      objectivePart(
        one,
        one.notMeasured ? missing(objectiveFault(one)) : null,
        findings.some(({ phase }) => phase === one.phase),
      ),
    ),
    ...faultParts,
    ...probes.map((one) => probePart(one, one.notMeasured ? missing(one.after) : null)),
  ];

  function cutPart(): Part | null {
    return cut === null ? null : (runParts.get(cut) ?? null);
  }

  /** Why something that comes with a fault is missing: the fault was never seen, or the run was cut short. */
  function missing(name: string | undefined): Part | null {
    const at = faults.findIndex((one) => one.name === name);
    const [fault, part] = [faults[at], faultParts[at]];
    const wasSeen = fault?.injectedAt !== null && fault?.removedAt !== null;
    if (fault === undefined || part === undefined || fault.result === 'PASS') return cutPart();
    if (part.because !== null) return part.because;
    return cut !== null && wasSeen ? cutPart() : part;
  }
}

function objectiveFault({ phase }: ObjectiveResult): string | undefined {
  return /^(?:fault|recovery):(.*)$/.exec(phase)?.[1];
}

function causesOf(parts: readonly Part[]): Cause[] {
  const behind = new Map<Part, NotMeasured[]>();
  const roots: Part[] = [];
  for (const part of parts) {
    const root = part.result === 'INVALID' ? part.because : null;
    if (root === null) roots.push(part);
    else behind.set(root, [...(behind.get(root) ?? []), part.listed]);
  }
  return (['FAIL', 'INVALID', 'NOTE'] as const).flatMap((result) =>
    together(roots.filter((part) => part.result === result)).map((same) => {
      const [first] = same as [Part];
      const notMeasured = KINDS.flatMap((kind) =>
        same.flatMap((part) => (behind.get(part) ?? []).filter((row) => row.kind === kind)),
      );
      const follows = [
        ...(first.consequence === undefined ? [] : [first.consequence]),
        ...(notMeasured.some(({ kind }) => kind !== 'load') ? [counted(notMeasured)] : []),
      ];
      return {
        result,
        cause: same.length === 1 ? first.text : textOfAll(same),
        consequence: follows.length === 0 ? null : `So ${follows.join(', and ')}.`,
        advice: first.advice ?? null,
        ...(first.wholeRun && result === 'INVALID' ? { wholeRun: true as const } : {}),
        notMeasured,
      };
    }),
  );
}

/** `Objective a and Objective b: why.`, or, where each has something of its own to say, `Why: Objective a: this; Objective b: that.` */
function textOfAll(same: readonly Part[]): string {
  const rows = same.flatMap(({ alike }) => (alike === null ? [] : [alike]));
  const why = rows[0]?.why ?? '';
  if (rows.every(({ detail }) => detail === '')) return `${listed(rows.map(({ name }) => name))}: ${why}.`;
  const told = rows.map(({ name, detail }) => `${name}: ${detail}`).join('; ');
  return `${why.charAt(0).toUpperCase()}${why.slice(1)}. ${told}.`;
}

/** Objectives that have the very same to say are one reason. */
function together(parts: readonly Part[]): Part[][] {
  const groups: Part[][] = [];
  for (const part of parts) {
    const same = groups.find(([first]) => part.alike !== null && first?.alike?.why === part.alike.why);
    if (same === undefined) groups.push([part]);
    else same.push(part);
  }
  return groups;
}

const KINDS: readonly NotMeasured['kind'][] = ['objective', 'fault', 'probe', 'writes', 'load'];

/** `8 objectives, 4 faults and 4 probes were not measured`. A load is told by what it lacks. */
function counted(rows: readonly NotMeasured[]): string {
  const number = (kind: NotMeasured['kind']) => rows.filter((row) => row.kind === kind).length;
  const kinds = (['objective', 'fault', 'probe'] as const).filter((kind) => number(kind) > 0);
  const texts = kinds.map((kind) => many(number(kind), kind));
  const all = listed([...texts, ...(number('writes') > 0 ? ['the writes'] : [])]);
  const isOne = rows.length - number('load') === 1 && number('writes') === 0;
  return `${all} ${isOne ? 'was' : 'were'} not measured`;
}

function nothingPromised(notes: readonly Cause[]): Decision {
  const cause: Cause = {
    result: 'INVALID',
    cause: 'Nothing was promised, so nothing was proven.',
    consequence: null,
    advice: 'Give the drill `objectives`.',
    notMeasured: [],
  };
  const causes = [cause, ...notes];
  return { verdict: 'INVALID', reasons: causes.map(sentences), causes };
}

function findingPart({ result, text, consequence, advice, follows }: Finding): Part {
  const named = { kind: 'load', name: follows ?? text, reason: text } as const;
  const told = { result, text, consequence, advice, wholeRun: true };
  return { ...told, listed: named, because: null, alike: null };
}

function objectivePart(row: ObjectiveResult, because: Part | null, advised: boolean): Part {
  const { name, phase, target, result, reason } = row;
  return {
    result,
    text: `Objective ${name} (${target}, ${phase}): ${reason}.`,
    consequence: result === 'FAIL' ? 'this promise is broken' : 'whether it holds is not known',
    advice: result === 'FAIL' && advised ? undefined : objectiveAdvice(row),
    listed: { kind: 'objective', name: `${name} (${phase})`, reason },
    because,
    alike:
      result === 'INVALID' ? { name: `Objective ${name} (${target}, ${phase})`, ...reasonParts(row) } : null,
  };
}

/** What the machine did is one cause, whatever the objectives are that it spoiled. */
function reasonParts({ reason, byMachine }: ObjectiveResult): {
  readonly why: string;
  readonly detail: string;
} {
  const at = byMachine ? reason.indexOf(': ') : -1;
  return at < 0 ? { why: reason, detail: '' } : { why: reason.slice(0, at), detail: reason.slice(at + 2) };
}

function faultPart(row: FaultResult, because: Part | null): Part {
  const { name, kind, component, result, reason } = row;
  return {
    result,
    text: `Fault ${name} (${kind} of ${component}): ${reason}.`,
    consequence: result === 'FAIL' ? 'this promise is broken' : 'what it does to the users is not proven',
    advice: faultAdvice(row),
    listed: { kind: 'fault', name, reason },
    because,
    alike: null,
  };
}

function probePart(row: ProbeResult, because: Part | null): Part {
  const { name, target, measured, result } = row;
  return {
    result,
    text: `Probe ${name} (${target}): ${measured}.`,
    consequence: result === 'FAIL' ? 'this promise is broken' : 'whether it holds is not known',
    advice: probeAdvice(row),
    listed: { kind: 'probe', name, reason: measured },
    because,
    alike: null,
  };
}

function writesPart(row: WritesResult, because: Part | null): Part {
  return {
    result: row.result,
    text: `Writes: ${row.reason}.`,
    consequence: row.result === 'FAIL' ? 'this promise is broken' : 'whether writes were lost is not known',
    advice: writesAdvice(row),
    listed: { kind: 'writes', name: 'acknowledged writes', reason: row.reason },
    because,
    alike: null,
  };
}
