// Prints "passed failed skipped" from a file of vitest's JSON reporter: count-tests.mjs FILE EXIT-STATUS. Below it a line for each
// test that failed, and for each that passed only when it was tried again: at the end of a long log they are looked for.
// What vitest itself does not count as a failed test still counts as one failure here: a file that could not be loaded,
// an error outside of any test, a run that ended early, and a run without a single test.
import { readFileSync } from 'node:fs';
import path from 'node:path';

const [file, status] = process.argv.slice(2);
const count = { passed: 0, failed: 0, skipped: 0 };
const remarks = [];
for (const { name, status: ofFile, assertionResults } of readResults(file)) {
  const where = path.relative(process.cwd(), name);
  const failedBefore = count.failed;
  for (const test of assertionResults) {
    count[test.status in count ? test.status : 'skipped'] += 1;
    if (test.status === 'failed') remarks.push(`failed: ${where} > ${test.fullName}`);
    else if (test.failureMessages.length > 0)
      remarks.push(`passed when tried again: ${where} > ${test.fullName}`);
  }
  if (ofFile === 'failed' && count.failed === failedBefore) {
    count.failed += 1;
    remarks.push(`failed: ${where}, outside of its tests`);
  }
}
const nothingRan = count.passed + count.failed === 0;
if (count.failed === 0 && (nothingRan || status !== '0')) {
  const why = nothingRan ? 'no test ran' : `vitest exited with ${status} although no test failed`;
  remarks.push(`failed: ${path.basename(file, '.json')}, ${why}`);
  count.failed = 1;
}
console.log(count.passed, count.failed, count.skipped);
for (const remark of remarks) console.log(remark);

function readResults(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8')).testResults;
  } catch (error) {
    console.error(`no results: ${error.message}`);
    return [];
  }
}
