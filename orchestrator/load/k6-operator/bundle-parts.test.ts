import fc from 'fast-check';
import { expect, test } from 'vitest';
import { runs } from '../../../test/trials.ts';
import { bundleParts, loadOfPart, MAX_PARTS, PART_BYTES } from './bundle-parts.ts';

const load = { namespace: 'load', name: 'squall-load-0-0123456789' };
/** No two neighbouring words of it are alike. */
const longest = Buffer.from(Uint32Array.from({ length: PART_BYTES }, (_, i) => i).buffer);

test('whatever the size, the parts are the archive, and a ConfigMap takes each of them', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: longest.length }), (length) => {
      const whole = longest.subarray(0, length);
      const parts = bundleParts(whole, load);
      expect(Buffer.concat(parts.map(({ bytes }) => bytes)).equals(whole)).toBe(true);
      for (const { bytes } of parts) expect(bytes.length > 0 && bytes.length <= PART_BYTES).toBe(true);
    }),
    { numRuns: runs(20) },
  );
});

test.each([
  [1, 1],
  [PART_BYTES, 1],
  [PART_BYTES + 1, 2],
  [MAX_PARTS * PART_BYTES, MAX_PARTS],
])('an archive of %d bytes takes %d', (length, count) => {
  const parts = bundleParts(Buffer.alloc(length), load);
  expect(parts).toHaveLength(count);
  // The undo knows the name of the load only.
  expect(parts[0].name).toBe(load.name);
  expect(new Set(parts.map(({ name }) => name)).size).toBe(count);
  for (const { name } of parts) expect(loadOfPart(name)).toBe(load.name);
});
