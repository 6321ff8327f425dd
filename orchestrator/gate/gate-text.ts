import { markdownTable } from 'markdown-table';
import { inert } from '../../chaos/definitions/issues/inert.ts';
import type { GateResult } from './gate.types.ts';
import type { ComparisonResult } from './side-by-side/compare-slots.ts';

/** The result as Markdown: for report.md, a job's summary, and the terminal. */
export function gateText(result: GateResult): string {
  const { suite, verdict, reasons, checks, comparisons, noise, seed } = result;
  return [
    `# ${verdict}: gate ${suite}`,
    ...(reasons.length === 0 ? [] : [reasons.map((reason) => `- ${text(reason)}`).join('\n')]),
    ...(checks.length === 0
      ? []
      : [
          markdownTable([
            ['check', 'verdict', 'blocks'],
            ...checks.map((one) => [one.name, one.verdict, one.blocks ? 'yes' : 'only warns']),
          ]),
        ]),
    ...(comparisons.length === 0
      ? []
      : [
          markdownTable([
            [
              'comparison',
              'request',
              'measure',
              'answer',
              'baseline',
              'candidate',
              'ratio',
              'interval',
              'pairs',
            ],
            ...comparisons.map(row),
          ]),
        ]),
    `Seed ${seed}. ${noiseText(noise)}`,
  ].join('\n\n');
}

function row(one: ComparisonResult): string[] {
  const needs = one.needs === null ? '' : ` (needs ${one.needs.pairs})`;
  return [
    one.name,
    text(one.request),
    one.measure,
    one.answer,
    value(one.baseline, one.measure),
    value(one.candidate, one.measure),
    one.ratio.toFixed(3),
    `${(one.low ?? 0).toFixed(3)} to ${one.high === null ? 'no limit' : one.high.toFixed(3)}`,
    `${one.pairs}${needs}`,
  ];
}

function value(number: number, measure: string): string {
  if (measure === 'errors') return `${(100 * number).toFixed(2)} %`;
  return measure === 'throughput' ? `${number.toFixed(1)}/s` : `${number.toFixed(2)} ms`;
}

function noiseText({ lateMs, steal }: GateResult['noise']): string {
  if (lateMs === null) return 'The machine was not watched.';
  const stolen = steal === null ? '' : `, and lost ${(100 * steal).toFixed(1)} % of a second to its host`;
  return `At worst the machine was ${lateMs.toFixed(1)} ms late${stolen}.`;
}

/** Names of requests and messages of k6 come from outside. */
function text(from: string): string {
  return inert(from, 500).replace(/[|<>`]/g, ' ');
}
