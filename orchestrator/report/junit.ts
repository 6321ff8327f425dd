import type { Outcome, Verdict } from '../verdict.types.ts';
import { junitBuilder } from './junit-builder.ts';
import { evidenceLegs } from './text/evidence.ts';
import { between, count, measured } from './text/format.ts';
import { plain } from './text/plain.ts';
import { duplicatedWrites } from './text/writes.ts';

/**
 * junit.xml: one test case per objective and phase, fault, expectation, probe, and the writes; and one for the verdict itself, so
 * that a run that is INVALID for a reason of its own (a crashed k6, a damaged journal) is never shown as all green. It has the
 * run's duration.
 * FAIL is a failure, INVALID an error; what was not measured because of something else in the run is skipped.
 */
export function renderJunit(verdict: Verdict): string {
  const report = junitBuilder.newBuilder().name(plain(`squall ${verdict.drill}`));
  for (const [name, cases] of suites(verdict)) {
    if (cases.length === 0) continue;
    const suite = report.testSuite().name(name).timestamp(verdict.startedAt.slice(0, 19));
    for (const one of cases) {
      const testCase = suite
        .testCase()
        .className(plain(`${verdict.drill}.${name}`))
        .name(plain(one.name))
        .time((one.durationMs ?? 0) / 1000);
      const text = plain(one.text);
      if (one.skipped) testCase.skipped().property('not measured', text);
      else if (one.result === 'FAIL') testCase.failure(text, 'FAIL');
      else if (one.result === 'INVALID') testCase.error(text, 'INVALID');
      // A property, not standard output: the builder's CDATA section ends at a `]]>` within the text.
      else testCase.property('proof', text);
    }
  }
  return `${report.build()}\n`;
}

interface Case {
  readonly name: string;
  readonly result: Outcome;
  readonly text: string;
  /** A consequence of something else in the run. */
  readonly skipped?: boolean | undefined;
  readonly durationMs?: number;
}

function suites(verdict: Verdict): (readonly [name: string, cases: readonly Case[]])[] {
  return [
    [
      'verdict',
      [
        {
          name: 'verdict',
          result: verdict.verdict,
          text: verdict.reasons.map(sentence).join(' ') || verdict.verdict,
          durationMs: between(verdict.startedAt, verdict.endedAt) ?? 0,
        },
      ],
    ],
    [
      'objectives',
      verdict.objectives.map((row) => ({
        name: `${row.name} in ${row.phase}`,
        result: row.result,
        skipped: row.notMeasured,
        text: targetText(
          row.target,
          measured(row.measured, row.target),
          `${count(row.samples)} ${row.samples === 1 ? 'sample' : 'samples'}`,
          row.reason,
        ),
      })),
    ],
    [
      'faults',
      verdict.faults.flatMap((fault) => [
        {
          name: `${fault.name} (${fault.kind} ${fault.component})`,
          result: fault.result,
          skipped: fault.notMeasured,
          text: [
            fault.reason,
            ...evidenceLegs(fault).map(({ leg, lines }) => `${leg.toLowerCase()}: ${lines.join(', ')}`),
          ]
            .filter((line) => line !== '')
            .join('; '),
        },
        ...fault.expectations.map((row) => ({
          name: `${fault.name} ${row.name}`,
          result: row.result,
          skipped: fault.notMeasured && row.result === 'INVALID',
          text: targetText(row.target, row.measured),
        })),
      ]),
    ],
    [
      'probes',
      verdict.probes.map((row) => ({
        name: row.name,
        result: row.result,
        skipped: row.notMeasured,
        text: targetText(row.target, row.measured),
      })),
    ],
    ['writes', verdict.writes === null ? [] : [writesCase(verdict.writes)]],
    [
      'residue',
      verdict.residue.map((left) => ({
        name: left.what,
        result: 'FAIL' as const,
        text: `left behind; remove with: ${left.command}`,
      })),
    ],
  ];
}

function writesCase(writes: NonNullable<Verdict['writes']>): Case {
  const ids = (label: string, list: readonly string[]) =>
    list.length === 0 ? '' : `; ${label}: ${list.join(', ')}`;
  return {
    name: 'acknowledged writes',
    result: writes.result,
    skipped: writes.notMeasured,
    text: `${writes.reason}; acknowledged ${writes.acknowledged}, present ${writes.present}, lost ${writes.lost}, duplicated ${duplicatedWrites(writes) ?? 'not seen by this look-up'}${ids('lost', writes.lostIds)}${ids('duplicated', writes.duplicatedIds)}`,
  };
}

function sentence(reason: string): string {
  return /[.!?]$/.test(reason) ? reason : `${reason}.`;
}

function targetText(target: string, value: string, ...more: readonly string[]): string {
  return [`target ${target}`, `measured ${value}`, ...more].filter((part) => part !== '').join('; ');
}
