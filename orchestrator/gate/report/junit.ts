import { junitBuilder } from '../../report/junit-builder.ts';
import { plain } from '../../report/text/plain.ts';
import type { GateResult } from '../gate.types.ts';

/**
 * junit.xml: one test case for the verdict, each check, and each comparison of a measure. What only warns, and what could not be told, is
 * skipped; the verdict says whether that matters.
 */
export function gateJunit({ suite, verdict, reasons, checks, comparisons, budget = [] }: GateResult): string {
  const report = junitBuilder.newBuilder().name(plain(`squall gate ${suite}`));
  const whole = report.testSuite().name('verdict').testCase().className(suite).name('verdict');
  const text = plain(reasons.join('; ') || verdict);
  if (verdict === 'FAIL') whole.failure(text, 'FAIL');
  else if (verdict === 'INVALID') whole.error(text, 'INVALID');
  for (const one of checks) {
    const testCase = report.testSuite().name(`check ${one.name}`).testCase();
    testCase.className(`${suite}.checks`).name(one.name);
    const why = plain(one.reasons.join('; '));
    if (one.verdict === 'PASS') continue;
    if (!one.blocks) testCase.skipped().property('only warns', `${one.verdict}: ${why}`);
    else if (one.verdict === 'FAIL') testCase.failure(why, 'FAIL');
    else testCase.error(why, 'INVALID');
  }
  for (const one of budget) {
    const testCase = report
      .testSuite()
      .name(`error budget ${plain(one.objective)}`)
      .testCase();
    testCase.className(`${suite}.budget`).name(plain(one.objective));
    const why = plain(one.texts.join('; '));
    if (!one.freeze && one.consumed !== null) testCase.property('budget', why);
    else if (!one.blocks) testCase.skipped().property('only told', why);
    else if (one.freeze) testCase.failure(why, 'FAIL');
    else testCase.error(why, 'INVALID');
  }
  if (comparisons.length === 0) return `${report.build()}\n`;
  const compared = report.testSuite().name('comparisons');
  for (const one of comparisons) {
    const testCase = compared
      .testCase()
      .className(plain(`${suite}.${one.name}`))
      .name(plain(`${one.request} ${one.measure}`));
    const why = plain(`${one.answer}: ${one.reason}`);
    if (one.answer === 'regressed' && one.blocks) testCase.failure(why, 'FAIL');
    else if (one.answer === 'cannot tell' || one.answer === 'regressed')
      testCase.skipped().property(one.answer, why);
    else testCase.property(one.answer, why);
  }
  return `${report.build()}\n`;
}
