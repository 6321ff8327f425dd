import { expect, it } from 'vitest';
import { anyInUse } from './any-in-use.ts';

it.each<[string, (boolean | null)[], boolean | null]>([
  ['one in use is enough', [false, true, null], true],
  ['idle only when each is', [false, false], false],
  ['one that cannot be told is not idle', [false, null], null],
  ['nothing to look at', [], null],
])('of several targets: %s', (_, uses, together) => {
  expect(anyInUse(uses.map((inUse) => ({ inUse })))).toBe(together);
});
