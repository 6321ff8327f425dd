// Prints "passed failed skipped" from a file of vitest's JSON reporter: count-tests.mjs FILE EXIT-STATUS [PROJECT]. Below it, a line
// for each test that failed, and for each that passed only at the second try: people look for these at the end of a long log.
// Some things are a failure here although vitest does not count them as a failed test: a file that could not be loaded, an error
// outside of any test, a run that ended early, a run without a single test, and a project with missing files or tests.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { projects, testFiles } from './test-projects.mjs';

const [file, status, project] = process.argv.slice(2);
const count = { passed: 0, failed: 0, skipped: 0 };
const remarks = [];
const results = readResults(file);
for (const { name, status: ofFile, assertionResults } of results) {
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
if (project)
  for (const missing of missingOf(project)) {
    count.failed += 1;
    remarks.push(`failed: ${project}, ${missing}`);
  }
console.log(count.passed, count.failed, count.skipped);
for (const remark of remarks) console.log(remark);

/** What should have run but is not in the results. */
function missingOf(name) {
  const ran = new Set(results.map((result) => path.relative(process.cwd(), result.name)));
  const files = testFiles(process.cwd())[name].filter((wanted) => !ran.has(wanted));
  const missing = files.map((wanted) => `${wanted} did not run`);
  const tests = count.passed + count.failed + count.skipped;
  const { tests: least } = projects[name];
  if (tests < least)
    missing.push(`${tests} tests of at least ${least}: if that is meant, say so in test/projects.json`);
  return missing;
}

function readResults(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8')).testResults;
  } catch (error) {
    console.error(`no results: ${error.message}`);
    return [];
  }
}
