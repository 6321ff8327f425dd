import fc from 'fast-check';
import { expect, it } from 'vitest';
import { labelValue, objectName } from './naming.ts';

it('any run and fault give a name and a label that Kubernetes takes', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (run, fault) => {
      expect(objectName(run, fault)).toMatch(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/);
      expect(labelValue(run)).toMatch(/^([A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?)?$/);
    }),
  );
});

it('the name is the same each time, and another for another run or fault', () => {
  expect(objectName('run-1', 'cut')).toBe(objectName('run-1', 'cut'));
  expect(objectName('run-1', 'cut')).not.toBe(objectName('run-2', 'cut'));
  expect(objectName('run-1', 'cut')).not.toBe(objectName('run-1', 'Cut'));
});
