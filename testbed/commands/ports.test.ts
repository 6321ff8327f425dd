import { afterEach, expect, test, vi } from 'vitest';
import { findFreeBlock } from './ports.ts';

afterEach(() => void vi.restoreAllMocks());

test('two testbeds that start at the same time do not get the same ports', async () => {
  vi.spyOn(Math, 'random').mockReturnValueOnce(0.5).mockReturnValueOnce(0.5);
  const [one, other] = await Promise.all([findFreeBlock(), findFreeBlock()]);
  expect(one).not.toBe(other);
});
