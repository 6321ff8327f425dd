import { describe, expect, test } from 'vitest';
import { type Answer, afterChange, canaryWindow, rollbackOf, seenOf } from './version-history.ts';

const versions = { blue: 'old', green: 'new' };

/** An answer each 100 ms; `letters` says by which version: o, n, or x for one that failed and does not say. */
const answers = (letters: string, failed: readonly number[] = []): Answer[] =>
  [...letters].map((letter, i) => ({
    at: i * 100,
    version: letter === 'o' ? 'old' : letter === 'n' ? 'new' : null,
    durationMs: letter === 'x' || failed.includes(i) ? null : 5,
  }));

test('what is seen of a version are its own answers, failed ones included', () => {
  expect(seenOf(answers('onnox', [1]), 'new')).toEqual({ durations: [5], requests: 2, failed: 1 });
});

describe("a canary's window", () => {
  test('begins with the first answer of green, and ends in time', () => {
    const window = canaryWindow(answers('oooonoooonoooo'), versions, { forMs: 500, endMs: 1_400 });
    expect(window?.map(({ version }) => version)).toEqual(['new', 'old', 'old', 'old', 'old']);
  });

  test('has answers in it that say who they are of', () => {
    expect(canaryWindow(answers('onxo'), versions, { forMs: 300, endMs: 400 })).toHaveLength(2);
  });

  test.each([
    ['green is never seen', 'oooo', 100],
    ['the load ends before the window', 'onoo', 500],
  ])('is none when %s', (_, letters, forMs) => {
    expect(canaryWindow(answers(letters), versions, { forMs, endMs: 400 })).toBeNull();
  });
});

describe('after the change', () => {
  const letters = 'oononnnnnn';

  test('come the answers since the last one of blue, and they are as many as the watch is long', () => {
    const after = afterChange(answers(letters, [6]), versions, { forMs: 400, endMs: 1_000 });
    expect(after?.map(({ at }) => at)).toEqual([400, 500, 600, 700]);
    expect(after?.filter(({ durationMs }) => durationMs === null)).toHaveLength(1);
  });

  test('a failure that does not say of whom it is counts', () => {
    expect(afterChange(answers('oonnxn'), versions, { forMs: 300, endMs: 600 })).toHaveLength(3);
  });

  test.each([
    ['the watch is longer than the load', letters, 800],
    ['blue is still there', 'oonnno', 0],
    ['blue was never there', 'nnnn', 100],
    ['green never came', 'oooo', 0],
  ])('nothing is known when %s', (_, seen, forMs) => {
    expect(afterChange(answers(seen), versions, { forMs, endMs: seen.length * 100 })).toBeNull();
  });
});

describe('a rollback', () => {
  const rolledBack = (letters: string, more = {}) =>
    rollbackOf(answers(letters), versions, {
      withinMs: 400,
      aloneMs: 300,
      endMs: letters.length * 100,
      ...more,
    });

  test('in time: green is gone, and what comes then is told', () => {
    const found = rolledBack('oonononoxoo');
    expect(found?.late).toBe(false);
    expect(found?.after.map(({ durationMs }) => durationMs)).toEqual([5, null, 5, 5]);
  });

  test('is late when green answers after its time, whether it goes or not', () => {
    expect(rolledBack('onnnnnnoooo')).toMatchObject({ late: true });
    expect(rolledBack('onnnnnnoooo')?.after).toHaveLength(4);
    expect(rolledBack('onnnnnnnnnn')).toEqual({ late: true, after: [] });
  });

  test.each([
    ['green never came', 'oooooooo'],
    ['blue has not answered alone for long enough', 'ooonnoono'],
    ['nobody answers any more', 'oonnxxxxx'],
    ['the load ends while green may still be there', 'ooonnn'],
  ])('cannot be told when %s', (_, letters) => {
    expect(rolledBack(letters)).toBeNull();
  });

  test('is not one when nobody but blue is missing', () => {
    expect(rolledBack('nnnnnxxxxxx', { withinMs: 10_000 })).toBeNull();
  });
});
