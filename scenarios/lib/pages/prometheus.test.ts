import { expect, test } from 'vitest';
import { readingsOf, readingWith } from './prometheus.ts';

const page = `# HELP node_cpu_seconds_total Seconds the CPUs spent in each mode.
# TYPE node_cpu_seconds_total counter
node_cpu_seconds_total{cpu="0",mode="idle"} 1.5e+02
node_cpu_seconds_total{cpu="0",mode="user"} 7 1395066363000
node_cpu_seconds_total_other{cpu="0"} 9
node_memory_MemTotal_bytes 8.0e+09
node_filesystem_avail_bytes{device="/dev/sda1",mountpoint="/a, {odd} \\"one\\" \\\\ \\n"} 5
broken{a="b"} x
empty{a="b"}
trailing{a="b",} 3
`;

test('every line of a metric is found by its whole name, with labels and value', () => {
  expect(readingsOf(page, 'node_cpu_seconds_total')).toEqual([
    { labels: { cpu: '0', mode: 'idle' }, value: 150 },
    { labels: { cpu: '0', mode: 'user' }, value: 7 },
  ]);
  expect(readingsOf(page, 'node_memory_MemTotal_bytes')).toEqual([{ labels: {}, value: 8e9 }]);
});

test('values of labels may hold characters that have a meaning elsewhere', () => {
  expect(readingsOf(page, 'node_filesystem_avail_bytes')).toEqual([
    { labels: { device: '/dev/sda1', mountpoint: '/a, {odd} "one" \\ \n' }, value: 5 },
  ]);
  expect(readingsOf(page, 'trailing')).toEqual([{ labels: { a: 'b' }, value: 3 }]);
});

test('a value that is missing, or not a number, is not zero', () => {
  for (const name of ['node_cpu', 'broken', 'empty', 'HELP']) expect(readingsOf(page, name)).toEqual([]);
  expect(readingWith(page, 'node_cpu_seconds_total', { mode: 'steal' })).toBeNull();
});

test('one line is picked by some of its labels', () => {
  expect(readingWith(page, 'node_cpu_seconds_total', { mode: 'user' })).toBe(7);
  expect(readingWith(page, 'node_memory_MemTotal_bytes')).toBe(8e9);
});
