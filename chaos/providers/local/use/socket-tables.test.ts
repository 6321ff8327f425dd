import { expect, test } from 'vitest';
import { createSocketTables } from './socket-tables.ts';

const ports = (...all: number[]) => new Set(all);

/** Notes for which ports `ss` was asked. */
function noting() {
  const asked: number[][] = [];
  const look = createSocketTables(async (_, wanted) => {
    asked.push([...wanted]);
    return [];
  });
  return { asked, look };
}

test('ss is asked once per look for all ports that were of interest at the look before', async () => {
  const { asked, look } = noting();
  const first = look();
  await Promise.all([first.bytes(process.pid, ports(80)), first.bytes(process.pid, ports(81))]);
  expect(asked).toEqual([[80], [80, 81]]);
  const second = look();
  await Promise.all([second.bytes(process.pid, ports(80)), second.bytes(process.pid, ports(81))]);
  expect(asked.slice(2)).toEqual([[80, 81]]);
});

test('what listens nowhere is asked for without ports, and that answers for all', async () => {
  const { asked, look } = noting();
  const tables = look();
  await tables.bytes(process.pid, ports());
  await tables.bytes(process.pid, ports(80));
  expect(asked).toEqual([[]]);
});

test('an answer for some ports is none for all of them', async () => {
  const { asked, look } = noting();
  const tables = look();
  await tables.bytes(process.pid, ports(80));
  await tables.bytes(process.pid, ports());
  expect(asked).toEqual([[80], []]);
});

test('the table of a network is read once per look', async () => {
  const tables = noting().look();
  expect(await tables.rows(process.pid)).toBe(await tables.rows(process.ppid));
});
