import { expect, test } from 'vitest';
import { eventLine } from './event-line.ts';

test.each([
  [true, null],
  [false, { tone: 'bad', text: '? frozen: not in use: nothing used it' }],
  [
    null,
    {
      tone: 'plain',
      text: '? frozen: a request has to notice it, because its use is not clear: nothing used it',
    },
  ],
])('a use that is %s: what is said while the fault may still be noticed', (inUse, line) => {
  const use = { inUse, seen: ['nothing used it'] };
  expect(eventLine({ type: 'fault-use', fault: 'frozen', leg: 'steady', use } as never)).toEqual(line);
});
