import { expect, test } from 'vitest';
import { RefusalError } from '../orchestrator/refusal.ts';
import { explain } from './exit.ts';

test('how to put a refusal right has lines of its own; a message has one, whatever is in it', () => {
  const refusal = new RefusalError('no usable k6: /no/such\n::error::x', { fix: 'get it,\n  or build it' });
  expect(explain(refusal)).toBe(
    'squall: no usable k6: /no/such\\u000a::error::x\n  Fix: get it,\n  or build it',
  );
  expect(explain(new RefusalError('not now'))).toBe('squall: not now');
  for (const twice of [new RefusalError('squall: not now'), new Error('squall: not now'), 'squall: not now'])
    expect(explain(twice)).toBe('squall: not now');
});
