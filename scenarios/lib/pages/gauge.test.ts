import { expect, test } from 'vitest';
import { gauge } from './prometheus.ts';

const page = `# HELP process_resident_memory_bytes Resident memory size in bytes.
# TYPE process_resident_memory_bytes gauge
process_resident_memory_bytes 8.52e+07
process_cpu_seconds_total 1.25
process_cpu_seconds_total_other 9
`;

test('a metric is found by its whole name', () => {
  expect(gauge(page, 'process_resident_memory_bytes')).toBe(85_200_000);
  expect(gauge(page, 'process_cpu_seconds_total')).toBe(1.25);
  expect(gauge('a 1\nb 2', 'a')).toBe(1);
});

test('a metric that is not there is not zero', () => {
  expect(gauge(page, 'process_resident')).toBeNull();
  expect(gauge('', 'a')).toBeNull();
  expect(gauge('a x', 'a')).toBeNull();
  expect(gauge('a ', 'a')).toBeNull();
});

test('labels do not hide a metric, whatever is in them', () => {
  expect(gauge('a{app="projects"} 7', 'a')).toBe(7);
  expect(gauge('a{app="}", path="\\" {"} 7', 'a')).toBe(7);
  expect(gauge('a{} 7', 'a')).toBe(7);
  expect(gauge('a_b{app="x"} 7', 'a')).toBeNull();
  expect(gauge('a{app="cut off', 'a')).toBeNull();
});

test('a timestamp after the value is not part of it', () => {
  expect(gauge('a 7 1700000000000\na{b="c"} 1 1700000000000', 'a')).toBe(8);
});

test('the processes of one service are added up, and if one cannot be read there is no sum', () => {
  const workers = 'a{pid="1"} 10\na{pid="2"} 20\nb 5\na{pid="3"} 30';
  expect(gauge(workers, 'a')).toBe(60);
  expect(gauge(`${workers}\na{pid="4"} NaN`, 'a')).toBeNull();
});
