import path from 'node:path';
import { execa } from 'execa';
import { ownImage } from './own-image.ts';

const programs = path.join(import.meta.dirname, 'skewed-k6');

/**
 * Makes an image of this k6 whose runners believe that it is half a second later than it is (odd ones) or earlier (even ones). Its shell is
 * dash, because busybox takes its own `date` whatever the PATH says.
 * @returns its name; null where images cannot be made: only for the cluster of ../shared
 */
export async function skewedK6(k6: string): Promise<string | null> {
  if (ownImage === null) return null;
  const name = 'squall/k6-skewed:local';
  const files = {
    [k6]: '/usr/bin/k6',
    '/bin/dash': '/usr/bin/sh',
    '/bin/date': '/usr/lib/date',
    [path.join(programs, 'skew')]: '/usr/lib/skew',
    [path.join(programs, 'date')]: '/usr/local/bin/date',
    [path.join(programs, 'k6')]: '/usr/local/bin/k6',
  };
  const copies = Object.entries(files).map(([from, to]) => `${from}:${to}`);
  await execa(ownImage, ['-s', name, '/bin/dash', ...copies], {
    stdin: 'ignore',
    timeout: 60_000,
  });
  return name;
}

/** What has to be added to the times of a runner of that image, in ms. */
export function skewOf(runner: number): number {
  return runner % 2 === 1 ? -500 : 500;
}
