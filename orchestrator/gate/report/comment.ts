import { many } from '../../objectives/number-text.ts';
import { SYMBOL } from '../../report/text/headline.ts';
import { code, pipeTable, text } from '../../report/text/markdown-text.ts';
import type { GateResult } from '../gate.types.ts';
import { cellsOf } from './cells.ts';

const MOST_ROWS = 10;
const MOST_REASONS = 5;

/**
 * comment.md: a few lines for a pull or merge request. The first line is a marker, by which a later gate finds its own comment and puts the
 * new one in its place.
 */
export function gateComment(result: GateResult, env: NodeJS.ProcessEnv): string {
  const { suite, verdict, reasons, checks, comparisons } = result;
  const told = comparisons.filter(({ answer }) => answer !== 'same');
  const counted = (['regressed', 'improved', 'same', 'cannot tell'] as const)
    .map((answer) => [comparisons.filter((one) => one.answer === answer).length, answer] as const)
    .filter(([count]) => count > 0)
    .map(([count, answer]) => `${count} ${answer}`);
  const passed = checks.filter((one) => one.verdict === 'PASS').length;
  const run = runOf(env);
  return `${[
    `<!-- squall-gate ${suite.replace(/[^a-z0-9-]/g, '')} -->`,
    `**${SYMBOL[verdict]} ${verdict}** · squall gate ${code(suite)}`,
    [
      ...(checks.length === 0 ? [] : [`${passed} of ${checks.length} checks passed`]),
      ...(counted.length === 0 ? [] : [counted.join(', ')]),
      ...(run === null ? [] : [`[report](${run})`]),
    ].join(' · '),
    reasons
      .slice(0, MOST_REASONS)
      .map((reason) => `- ${text(reason.slice(0, 300))}`)
      .join('\n'),
    reasons.length > MOST_REASONS
      ? `${many(reasons.length - MOST_REASONS, 'more reason is', 'more reasons are')} in the report.`
      : '',
    table(told),
  ]
    .filter((part) => part !== '')
    .join('\n\n')}\n`;
}

function table(told: GateResult['comparisons']): string {
  if (told.length === 0) return '';
  const worst = [...told].sort((a, b) => RANK[a.answer] - RANK[b.answer]);
  const rows = worst.slice(0, MOST_ROWS).map((one) => {
    const [, request = '', measure = '', answer = '', baseline = '', candidate = '', , interval = ''] =
      cellsOf(one).map(text);
    return [request, measure, answer, baseline, candidate, interval];
  });
  const left = told.length - rows.length;
  return [
    pipeTable(['request', 'measure', 'answer', 'baseline>', 'candidate>', 'ratio>'], rows),
    ...(left === 0 ? [] : [`${many(left, 'more row is', 'more rows are')} in the report.`]),
  ].join('\n\n');
}

const RANK = { regressed: 0, 'cannot tell': 1, improved: 2, same: 3 } as const;

/** Where the job keeps its artefacts; null outside of GitHub and GitLab. */
function runOf(env: NodeJS.ProcessEnv): string | null {
  const {
    GITHUB_SERVER_URL: server,
    GITHUB_REPOSITORY: repository,
    GITHUB_RUN_ID: run,
    CI_JOB_URL: job,
  } = env;
  const url = server && repository && run ? `${server}/${repository}/actions/runs/${run}` : job;
  return url !== undefined && URL.canParse(url) && !/[()\s]/.test(url) ? url : null;
}
