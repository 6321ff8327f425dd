import { expect, test } from 'vitest';
import { loadEnded } from '../../test/reference-target/load-ended.ts';
import type { LoadEnded } from '../journal/events.ts';
import { exitFinding, threwBeforeLoad } from './load-exit.ts';

const STACK = 'at %s (file:///lab/own.js:4:30(3))\n\tat native\n';
const thrown = (where: string) => `Error: no\nseed data\n\t${STACK.replace('%s', where)}`;

function find(change: Partial<LoadEnded>, hasBegun: boolean | null = true, isScript = true) {
  return exitFinding(
    { at: 3_000, event: loadEnded(change) },
    {
      name: 'Load 1 (own.js)',
      log: "Read k6's log",
      isScript,
      wasStopped: false,
      isUnreached: false,
      hasBegun,
    },
  );
}

test('a setup() that throws is INVALID: there was no load, and k6 is quoted without its stack', () => {
  const ended = { exitCode: 107, lastError: thrown('setup') };
  expect(find(ended, false)).toEqual({
    result: 'INVALID',
    text: 'Load 1 (own.js): setup() of the script threw an error at 00:00:03 UTC, before its load began; k6 said: "Error: no seed data".',
    consequence: 'there was no load',
    advice: "Read k6's log, mend what it names, and run again.",
    cutAt: 3_000,
  });
  expect(threwBeforeLoad(loadEnded(ended), false)).toBe(true);
});

test('a teardown() that throws is INVALID, and nobody says that the load was not whole', () => {
  const ended = { exitCode: 107, lastError: thrown('teardown') };
  const found = find(ended);
  expect(found).toEqual({
    result: 'INVALID',
    text: 'Load 1 (own.js): teardown() of the script threw an error at 00:00:03 UTC, after its load had ended; k6 said: "Error: no seed data".',
    consequence: 'what it should have checked or cleared away is not known',
    advice: "Read k6's log, mend what it names, and run again.",
  });
  expect(threwBeforeLoad(loadEnded(ended), true)).toBe(false);
});

test.each<[string, Partial<LoadEnded>, boolean | null, string]>([
  ['a setup() that a bundler renamed', { lastError: thrown('u') }, false, 'the script threw an error at'],
  ['a teardown() that a bundler renamed', { lastError: thrown('u') }, true, 'teardown() of the script threw'],
  ['an error of which nothing else is known', {}, null, 'k6 exited with 107 (exception in the script) at'],
  ['a slow setup()', { exitCode: 100 }, null, 'setup() of the script took too long at'],
  ['a slow teardown()', { exitCode: 101 }, null, 'teardown() of the script took too long at'],
])('%s is told as such', (_, change, hasBegun, text) => {
  expect(find({ exitCode: 107, ...change }, hasBegun)).toMatchObject({
    result: 'INVALID',
    text: expect.stringContaining(text),
  });
});

test('whatever ended k6, its last error is quoted, in one line and not at any length', () => {
  const crossed = "thresholds on metrics 'checks' have been crossed";
  expect(find({ exitCode: 99, lastError: crossed })?.text).toBe(
    `Load 1 (own.js): thresholds that the script itself sets were crossed (k6 exit code 99); k6 said: "${crossed}".`,
  );
  expect(find({ exitCode: 108, lastError: `stop\n  here ${'x'.repeat(400)}` })?.text).toMatch(
    /the script aborted the test\) at 00:00:03 UTC; k6 said: "stop here x{190}…"\.$/,
  );
  expect(find({ exitCode: 109, lastError: '  ' })?.text).toMatch(/UTC\.$/);
});
