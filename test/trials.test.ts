import { afterEach, expect, it, vi } from 'vitest';
import { inParallel, trials } from './trials.ts';

afterEach(() => vi.unstubAllEnvs());

it('draws the same numbers from the same seed, spread evenly over all that there are', () => {
  vi.stubEnv('SQUALL_SEED', '4711');
  const draw = () => {
    const { random } = trials('draws', { full: 1, sample: 1 });
    return Array.from({ length: 10_000 }, random);
  };
  const numbers = draw();
  expect(draw()).toEqual(numbers);
  for (let tenth = 0; tenth < 10; tenth += 1) {
    const share = numbers.filter((one) => Math.floor(one * 10) === tenth).length / numbers.length;
    expect(share).toBeGreaterThan(0.08);
    expect(share).toBeLessThan(0.12);
  }
});

it('begins nothing more after a failure, and waits for what is under way', async () => {
  const begun: number[] = [];
  const ended: number[] = [];
  let release = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const failed = inParallel(10, 3, async (index) => {
    begun.push(index);
    if (index === 1) throw new Error('the second one');
    await held;
    ended.push(index);
  });
  await Promise.resolve().then(release);
  await expect(failed).rejects.toThrow('the second one');
  expect([begun, ended]).toEqual([
    [0, 1, 2],
    [0, 2],
  ]);
});
