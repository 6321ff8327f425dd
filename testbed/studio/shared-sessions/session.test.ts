import { expect, test } from 'vitest';
import { createSharedSession } from './session.ts';

const edit = (seq: number, value: string, base = 0) => ({ seq, key: 'tempo', value, base });

test('an edit that is sent again is applied once', () => {
  const session = createSharedSession();
  session.apply('ann', edit(0, '90'));
  expect(session.apply('ann', edit(0, '90'))).toBeUndefined();
  expect(session.since(0)).toHaveLength(1);
});

test('an edit is not applied before the one that was made before it', () => {
  const session = createSharedSession();
  expect(() => session.apply('ann', edit(1, '91'))).toThrow('edit 0 has not come');
  session.apply('ann', edit(0, '90'));
  session.apply('ann', edit(1, '91', 1));
  expect(session.since(0).map(({ value }) => value)).toEqual(['90', '91']);
  expect(session.since(1).map(({ value }) => value)).toEqual(['91']);
});

test('of two writes that did not know of each other the last one wins, and says what it has overwritten', () => {
  const session = createSharedSession();
  session.apply('ann', edit(0, '90'));
  const last = session.apply('bob', edit(0, '100'));
  expect(last?.overwrites).toEqual({ by: 'ann', seq: 0 });
  expect(session.state()).toEqual({ tempo: { value: '100', version: 2 } });
});

test('who changes what they know, or their own, overwrites nobody', () => {
  const session = createSharedSession();
  session.apply('ann', edit(0, '90'));
  expect(session.apply('ann', edit(1, '91'))?.overwrites).toBeNull();
  expect(session.apply('bob', edit(0, '92', 2))?.overwrites).toBeNull();
});
