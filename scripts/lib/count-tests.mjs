// Prints "passed failed skipped" from a file of vitest's JSON reporter: count-tests.mjs FILE EXIT-STATUS.
// What vitest itself does not count as a failed test still counts as one failure here: a file that could not be loaded,
// an error outside of any test, a run that ended early, and a run without a single test.
import { readFileSync } from 'node:fs';

const [file, status] = process.argv.slice(2);
const count = { passed: 0, failed: 0, skipped: 0 };
for (const { status: ofFile, assertionResults } of readResults(file)) {
  const failedBefore = count.failed;
  for (const test of assertionResults) count[test.status in count ? test.status : 'skipped'] += 1;
  if (ofFile === 'failed' && count.failed === failedBefore) count.failed += 1;
}
const nothingRan = count.passed + count.failed === 0;
if (count.failed === 0 && (nothingRan || status !== '0')) {
  console.error(nothingRan ? 'no test ran' : `vitest exited with ${status} although no test failed`);
  count.failed = 1;
}
console.log(count.passed, count.failed, count.skipped);

function readResults(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8')).testResults;
  } catch (error) {
    console.error(`no results: ${error.message}`);
    return [];
  }
}
