import { many } from '../../objectives/number-text.ts';
import { plain } from '../../report/text/plain.ts';
import type { GateResult } from '../gate.types.ts';

/** GitHub shows so many errors and so many warnings of a step; what comes after them is dropped without a word. */
export const MOST_ANNOTATIONS = 10;

/**
 * What a gate found as workflow commands of GitHub Actions: errors for what decides, warnings for what only warns or could not be told.
 * Where there are more than GitHub shows, the last one says how many.
 */
export function gateAnnotations({
  suite,
  verdict,
  reasons,
  checks,
  comparisons,
  budget = [],
}: GateResult): string[] {
  const [errors, warnings] = [[] as Annotation[], [] as Annotation[]];
  const put = (isError: boolean, title: string, text: string) =>
    (isError ? errors : warnings).push({ title, text });
  for (const { name, verdict: own, blocks, reasons: why } of checks)
    if (own !== 'PASS') put(blocks, `${own}: check ${name}`, why[0] ?? own);
  for (const { name, request, measure, answer, blocks, reason } of comparisons)
    if (answer === 'regressed' || answer === 'cannot tell')
      put(blocks && answer === 'regressed', `${answer}: ${name}`, `${request} ${measure}: ${reason}`);
  for (const { objective, freeze, consumed, blocks, texts } of budget)
    if (freeze || consumed === null) put(blocks, `error budget of ${objective}`, texts[0] ?? '');
  // A gate that is not green is never without an error.
  if (verdict !== 'PASS' && errors.length === 0)
    put(true, `${verdict}: gate ${suite}`, reasons[0] ?? verdict);
  return [...bounded('error', errors), ...bounded('warning', warnings)];
}

interface Annotation {
  readonly title: string;
  readonly text: string;
}

function bounded(level: 'error' | 'warning', all: readonly Annotation[]): string[] {
  const shown = all.length > MOST_ANNOTATIONS ? all.slice(0, MOST_ANNOTATIONS - 1) : all;
  const left = all.length - shown.length;
  const last = { title: 'more', text: `${many(left, 'more is', 'more are')} in the job's summary` };
  return [...shown, ...(left === 0 ? [] : [last])].map(
    ({ title, text }) => `::${level} title=${escaped(title).replace(/[:,]/g, encoded)}::${escaped(text)}`,
  );
}

/** Control characters are gone after `plain`, line breaks too: nothing in a name can begin another command. */
function escaped(text: string): string {
  return plain(text).slice(0, 500).replaceAll('%', '%25');
}

function encoded(char: string): string {
  return `%${char.charCodeAt(0).toString(16).toUpperCase()}`;
}
