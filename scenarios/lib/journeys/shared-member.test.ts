import { expect, test } from 'vitest';
import { type Change, createSharedMember } from './shared-member.ts';

const member = () => createSharedMember('ann', ['ann', 'bob', 'eve'], 2);
const change = (version: number, by: string, seq: number, more: Partial<Change> = {}): Change => ({
  ...{ version, by, seq, key: `of-${by}`, value: `${by}-${seq}`, base: 0, overwrites: null },
  ...more,
});
const all = () => [
  ...['ann', 'bob', 'eve'].map((by, i) => change(i + 1, by, 0)),
  ...['ann', 'bob', 'eve'].map((by, i) => change(i + 4, by, 1)),
];

test('who hears every change once and in order misses nothing', () => {
  const ann = member();
  for (const one of all()) expect(ann.hear(one)).toBe(true);
  expect(ann.account()).toEqual({ lost: 0, repeated: 0, reordered: 0, conflicts: 0, untold: 0 });
  expect(ann.version()).toBe(6);
});

test('changes that never came, came twice, and came after a later one are counted', () => {
  const ann = member();
  ann.hear(change(5, 'bob', 1));
  ann.hear(change(2, 'bob', 0));
  expect(ann.hear(change(2, 'bob', 0))).toBe(false);
  expect(ann.account()).toMatchObject({ lost: 4, repeated: 1, reordered: 1 });
});

test('an edit is to be sent again until its author has heard of it', () => {
  const ann = member();
  ann.edit('tempo', '90', 0);
  ann.edit('tempo', '91', 0);
  ann.hear(change(1, 'ann', 0));
  expect(ann.unanswered().map(({ seq }) => seq)).toEqual([1]);
});

const tempo = (version: number, by: string, more: Partial<Change> = {}) =>
  change(version, by, 0, { key: 'tempo', ...more });

test('both are told of a conflict: the author of what was overwritten and the one who did', () => {
  const told = { overwrites: { by: 'bob', seq: 0 } };
  for (const [own, conflicts] of [
    ['ann', 1],
    ['bob', 1],
    ['eve', 0],
  ] as const) {
    const heard = createSharedMember(own, ['ann', 'bob', 'eve'], 1);
    heard.hear(tempo(1, 'bob'));
    heard.hear(tempo(2, 'ann', told));
    expect(heard.account(), own).toMatchObject({ conflicts, untold: 0 });
  }
  const untold = member();
  untold.hear(tempo(1, 'bob'));
  untold.hear(tempo(2, 'ann'));
  expect(untold.account()).toMatchObject({ conflicts: 1, untold: 1 });
});

test('what came late, or was lost, makes nobody untold', () => {
  const ann = member();
  const third = tempo(3, 'ann', { base: 1, overwrites: { by: 'eve', seq: 0 } });
  ann.hear(tempo(1, 'bob'));
  ann.hear(third);
  expect(ann.account()).toMatchObject({ conflicts: 0, untold: 0 });
  ann.hear(tempo(2, 'eve', { base: 1 }));
  expect(ann.account()).toMatchObject({ conflicts: 1, untold: 0 });
});

test('a change of what its author knows is no conflict, nor is one of their own', () => {
  const ann = member();
  ann.hear(tempo(1, 'bob'));
  ann.hear(tempo(2, 'ann', { base: 1 }));
  ann.hear(tempo(3, 'ann', { seq: 1, base: 1 }));
  expect(ann.account()).toMatchObject({ conflicts: 0 });
});

test('a value that is not that of the newest change is wrong', () => {
  const ann = member();
  ann.hear(tempo(1, 'bob'));
  ann.hear(tempo(2, 'ann', { overwrites: { by: 'bob', seq: 0 } }));
  expect(ann.wrong({ tempo: { value: 'ann-0', version: 2 } })).toBe(0);
  expect(ann.wrong({ tempo: { value: 'bob-0', version: 2 } })).toBe(1);
  expect(ann.wrong({ tempo: { value: 'eve-0', version: 3 } })).toBe(0);
});
