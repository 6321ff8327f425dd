import { expect, test } from 'vitest';
import { refusedBy } from './provider-error.ts';

test('a refusal begins with who refuses, once', () => {
  expect(refusedBy('aws', 'there is no bucket x', 'make one')).toMatchObject({
    message: 'aws: there is no bucket x',
    fix: 'make one',
  });
  const deeper = refusedBy('chaos-mesh', 'cannot delete podchaos/x: forbidden', 'grant it');
  expect(refusedBy('chaos-mesh', deeper.message, 'type: squall recover').message).toBe(deeper.message);
});
