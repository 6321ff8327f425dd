import type { GateResult } from '../gate.types.ts';

const ANSWERS = { regressed: 1, same: 0, improved: -1, 'cannot tell': Number.NaN } as const;

/** metrics.txt: OpenMetrics text, as GitLab's `metrics` report and Prometheus read it. */
export function gateOpenMetrics({ suite, verdict, comparisons }: GateResult): string {
  const metric = (name: string, help: string, lines: readonly string[]) =>
    lines.length === 0 ? [] : [`# TYPE ${name} gauge`, `# HELP ${name} ${help}`, ...lines];
  const each = (name: string, value: (one: GateResult['comparisons'][number]) => number) =>
    comparisons.map(
      (one) =>
        `${name}{suite=${quoted(suite)},comparison=${quoted(one.name)},request=${quoted(one.request)},measure=${quoted(one.measure)}} ${value(one)}`,
    );
  return [
    ...metric('squall_gate_passed', '1 when the gate passed.', [
      `squall_gate_passed{suite=${quoted(suite)}} ${verdict === 'PASS' ? 1 : 0}`,
    ]),
    ...metric(
      'squall_gate_ratio',
      'Candidate over baseline.',
      each('squall_gate_ratio', ({ ratio }) => ratio),
    ),
    ...metric(
      'squall_gate_answer',
      '1 regressed, 0 same, -1 improved, NaN cannot tell.',
      each('squall_gate_answer', ({ answer }) => ANSWERS[answer]),
    ),
    '# EOF',
    '',
  ].join('\n');
}

function quoted(text: string): string {
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`;
}
