import { expect, test, vi } from 'vitest';
import { findFreeBlock } from './ports.ts';

test('two testbeds that start at the same time do not get the same ports', async () => {
  vi.spyOn(Math, 'random').mockReturnValueOnce(0.5).mockReturnValueOnce(0.5).mockReturnValue(0.6);
  const [one, other] = await Promise.all([findFreeBlock(), findFreeBlock()]);
  vi.restoreAllMocks();
  expect(one).not.toBe(other);
});
