import { many } from '../objectives/number-text.ts';
import { shortPath, terminalLine } from '../report/text/terminal-text.ts';
import type { FoundRuns } from './read-runs.ts';

const SHOWN = 20;

/** The files that count for nothing, one line each. */
export function skippedText(skipped: FoundRuns['skipped']): string {
  const lines = skipped
    .slice(0, SHOWN)
    .map(({ file, reason }) => terminalLine(`skipped ${shortPath(file)}: ${reason}`));
  const more = skipped.length - lines.length;
  return [...lines, ...(more > 0 ? [`… and ${many(more, 'more file')} that count for nothing`] : [])].join(
    '\n',
  );
}
