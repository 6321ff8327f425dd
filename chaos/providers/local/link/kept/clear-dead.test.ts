import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { eachInStateDirectory } from '../../../../../test/state-directory.ts';
import { announcementOf } from '../announce.ts';
import { clearDead } from './clear-dead.ts';
import { keptAt, noteKept } from './registry.ts';

let directory: string;
eachInStateDirectory((made) => {
  directory = made;
});

test.each([
  ['whose address containers see', '172.17.254.254:9001', false],
  ['whose record is damaged', '192.0.2.1:9001', true],
])('the entry of a keeper that died, %s, refuses no later link', async (_, address, isFileLeft) => {
  const { place, file } = deadKeeper(address);
  await clearDead(place);
  expect(keptAt(place)).toBeUndefined();
  expect(existsSync(file)).toBe(isFileLeft);
  if (isFileLeft) expect(readFileSync(file, 'utf8')).toBe(`${address}\n`);
});

function deadKeeper(address: string) {
  const keeper = { pid: process.pid, start: 'another boot:1' };
  const file = path.join(directory, 'link.address');
  const { record, publish } = announcementOf('link', file, address);
  publish();
  const place = { listen: '127.0.0.1:0', upstream: '127.0.0.1:1', announce: file };
  const undo = [{ ...record, data: { ...record.data, carrier: keeper } }];
  const token = '00000000-0000-4000-8000-000000000000';
  noteKept(place, { keeper, port: 1, token, ...place, address, undo });
  return { place, file };
}
