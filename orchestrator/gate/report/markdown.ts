import { markdownTable } from 'markdown-table';
import { plain } from '../../report/text/plain.ts';
import type { GateResult } from '../gate.types.ts';
import { COLUMNS, cellsOf, noiseText } from './cells.ts';

/** The result as Markdown: report.md, the summary of a job, and the terminal. */
export function gateMarkdown(result: GateResult): string {
  const { suite, verdict, reasons, checks, comparisons, budget = [] } = result;
  const hasNotes = checks.some(({ note }) => note !== undefined);
  return [
    `# ${verdict}: gate ${suite}`,
    ...(reasons.length === 0 ? [] : [reasons.map((reason) => `- ${text(reason)}`).join('\n')]),
    ...(checks.length === 0
      ? []
      : [
          markdownTable([
            ['check', 'verdict', 'blocks', ...(hasNotes ? ['note'] : [])],
            ...checks.map((one) => [
              one.name,
              one.verdict,
              one.blocks ? 'yes' : 'only warns',
              ...(hasNotes ? [text(one.note ?? '')] : []),
            ]),
          ]),
        ]),
    ...(comparisons.length === 0
      ? []
      : [markdownTable([[...COLUMNS], ...comparisons.map((one) => cellsOf(one).map(text))])]),
    ...(budget.length === 0
      ? []
      : [
          markdownTable([
            ['error budget', 'window', 'state'],
            ...budget.map((one) => [one.objective, one.window, one.texts.join('; ')].map(text)),
          ]),
        ]),
    noiseText(result),
  ].join('\n\n');
}

/** Names of requests and messages of k6 come from outside: they must not become markup. */
function text(from: string): string {
  return plain(from)
    .replace(/[\\|`*_[\]]/g, (char) => `\\${char}`)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;');
}
