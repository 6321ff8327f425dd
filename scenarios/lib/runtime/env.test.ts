import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { durationFrom, numberFrom, shareFrom, textFrom, urlFrom, wholeNumber } from './env.ts';

const settings: Record<string, string> = {};
beforeEach(() => {
  vi.stubGlobal('__ENV', settings);
  vi.stubGlobal('__VU', 0);
});
afterEach(() => {
  for (const name of Object.keys(settings)) delete settings[name];
  vi.unstubAllGlobals();
});

test('a setting that is left out or empty takes the fallback', () => {
  settings.EMPTY = '';
  expect(numberFrom('RATE', 1000)).toBe(1000);
  expect(numberFrom('EMPTY', 7)).toBe(7);
  expect(durationFrom('DURATION', 5000)).toBe(5000);
  expect(shareFrom('SHARE', 0.1)).toBe(0.1);
  expect(textFrom('TEXT', 'x')).toBe('x');
  expect(urlFrom('BASE_URL', 'http://127.0.0.1:9000')).toBe('http://127.0.0.1:9000');
});

test('a value is parsed into the unit of the code', () => {
  Object.assign(settings, {
    RATE: '250',
    DURATION: '1m30s',
    SHARE: '12.5%',
    BASE_URL: 'https://staging.example/api/',
  });
  expect(numberFrom('RATE', 1)).toBe(250);
  expect(durationFrom('DURATION', 1)).toBe(90_000);
  expect(shareFrom('SHARE', 0)).toBe(0.125);
  expect(urlFrom('BASE_URL', 'http://x')).toBe('https://staging.example/api');
});

test.each([
  ['RATE', 'fast', () => numberFrom('RATE', 1000, wholeNumber), 'a whole number at least 1'],
  ['RATE', '-5', () => numberFrom('RATE', 1000, wholeNumber), 'a whole number at least 1'],
  ['RATE', '0', () => numberFrom('RATE', 1000, wholeNumber), 'a whole number at least 1'],
  ['RATE', '10.5', () => numberFrom('RATE', 1000, wholeNumber), 'a whole number at least 1'],
  ['SCALE', '3', () => numberFrom('SCALE', 1, { max: 2 }), 'a number from 0 to 2'],
  ['DURATION', '90', () => durationFrom('DURATION', 60_000), 'a duration'],
  ['DURATION', '10ms', () => durationFrom('DURATION', 60_000, 1000), 'a duration of at least 1000ms'],
  ['SHARE', '101%', () => shareFrom('SHARE', 0.1), 'a percentage'],
  ['BASE_URL', 'localhost:9000', () => urlFrom('BASE_URL', 'http://127.0.0.1:9000'), 'a URL (http, https)'],
  ['BASE_URL', 'http://', () => urlFrom('BASE_URL', 'http://127.0.0.1:9000'), 'a URL'],
  ['BASE_URL', 'http://a b', () => urlFrom('BASE_URL', 'http://127.0.0.1:9000'), 'a URL'],
  ['BASE_URL', 'http://a?x=1', () => urlFrom('BASE_URL', 'http://127.0.0.1:9000'), 'a URL'],
])('%s=%s is refused with the setting, the value, the rule and an example', (name, value, read, rule) => {
  settings[name] = value;
  expect(read).toThrow(`${name}=${JSON.stringify(value)} is not ${rule}`);
  expect(read).toThrow(`write for example -e ${name}=`);
});
