import { expect, test } from 'vitest';
import { compare, type Ready } from './lost.ts';

/** One letter for each pod, in upper case when it has restarted once. */
const pods = (letters: string): Ready =>
  new Map([...letters].map((letter) => [letter.toLowerCase(), letter === letter.toLowerCase() ? 0 : 1]));

/** Consecutive looks, each `ready/wanted`; the result of each as `lost+restarted`. */
function looks(...each: string[]): string[] {
  let before: Ready | undefined;
  return each.map((look) => {
    const [ready = '', wanted] = look.split('/');
    const losses = compare(before, pods(ready), Number(wanted));
    before = losses.before;
    return `${losses.lost}+${losses.restarted}`;
  });
}

test.each([
  ['a pod that goes is lost until another one is ready', 'abc/3 ab/3 ab/3 abd/3', '0+0 1+0 1+0 0+0'],
  ['an autoscaler that waits for new pods has lost none', 'abc/3 abc/6 abcd/6 abcdef/6', '0+0 0+0 0+0 0+0'],
  ['a pod that goes meanwhile is lost', 'abc/3 abc/6 ab/6', '0+0 0+0 1+0'],
  ['so is one that came meanwhile', 'abc/3 abcd/6 abc/6', '0+0 0+0 1+0'],
  ['and it is so no longer than until as many are ready again', 'abc/3 ab/6 abd/6 abd/6', '0+0 1+0 1+0 0+0'],
  ['so that the next one is told as well', 'abc/3 ab/6 abd/6 abd/6 ad/6', '0+0 1+0 1+0 0+0 1+0'],
  ['no more are lost than are wanted', 'abcdef/6 a/3', '0+0 2+0'],
  [
    'a rolling update loses none while enough are ready',
    'abc/3 abcx/3 bcx/3 bcxy/3 xyz/3',
    '0+0 0+0 0+0 0+0 0+0',
  ],
  ['fewer replicas that are wanted are no loss', 'abcdef/6 abcdef/3 abc/3', '0+0 0+0 0+0'],
  ['a restart is told once', 'abc/3 abC/3 abC/3', '0+0 0+1 0+0'],
  ['also while an autoscaler waits', 'abc/3 abC/6 abC/6', '0+0 0+1 0+0'],
  ['what was never complete is being set up', 'a/3 /3 ab/3 abc/3', '0+0 0+0 0+0 0+0'],
])('%s', (_, seen, told) => {
  expect(looks(...seen.split(' '))).toEqual(told.split(' '));
});
