import { expect, test } from 'vitest';
import { parseSettings } from './settings.ts';

test('a setting that does not exist is refused with the one that was meant', () => {
  expect(() => parseSettings(['gateway-capcity=5'])).toThrow(
    /^testbed: --set gateway-capcity=5: there is no setting "gateway-capcity"; did you mean "gateway-capacity"\?$/,
  );
});

test('where none is close, all of them are named', () => {
  expect(() => parseSettings(['colour=red'])).toThrow(/there are control-period-ms, .*, slow-ms, /);
});

test('a value that does not fit is refused with its name, one that does is kept as it was written', () => {
  expect(() => parseSettings(['error-share=2'])).toThrow('--set error-share=2: ');
  expect(parseSettings(['error-share=0.5'], { 'slow-ms': '20' })).toEqual({
    'error-share': '0.5',
    'slow-ms': '20',
  });
});
