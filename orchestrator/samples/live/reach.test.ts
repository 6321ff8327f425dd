import { expect, test } from 'vitest';
import type { TagSet } from '../recording/tag-sets.ts';
import { watchReach } from './reach.ts';

const START = 1_795_357_000_000;
let ids = 0;
const tagsOf = (tags: Record<string, string>): TagSet => ({ id: ids++, inLoad: true, folded: false, tags });
const refused = tagsOf({
  status: '0',
  error_code: '1212',
  error: 'dial: connection refused',
  url: 'http://127.0.0.1:1/a',
});

/** A request each half second; what the watch says after the last. */
function after(count: number, change: (i: number) => { tags?: TagSet; failed?: boolean } = () => ({})) {
  const watch = watchReach();
  for (let i = 0; i < count; i++) {
    const { tags = refused, failed = true } = change(i);
    watch.request(tags, START + i * 500, START + i * 500 + 1, failed);
  }
  return watch;
}

test('a target that refuses every request of five seconds is not reached', () => {
  expect(after(11).unreached).toEqual({
    requests: 11,
    forMs: 5_001,
    why: 'dial: connection refused (127.0.0.1:1)',
  });
});

test('too few requests, or too short a time, say nothing', () => {
  expect(after(10).unreached).toBeNull();
  const watch = watchReach();
  for (const second of [0, 3, 6, 9])
    watch.request(refused, START + second * 1000, START + second * 1000, true);
  expect(watch.unreached).toBeNull();
});

test.each([
  ['a good answer', { tags: tagsOf({ status: '200' }), failed: false }],
  ['an answer of a load balancer without backends', { tags: tagsOf({ status: '503', error_code: '1503' }) }],
  ['a request that k6 gave up while it waited', { tags: tagsOf({ status: '0', error_code: '1050' }) }],
  ['a failure that says nothing', { tags: tagsOf({}) }],
])('%s, once and early, and the load is one that somebody may answer', (_, one) => {
  expect(after(40, (i) => (i === 3 ? one : {})).unreached).toBeNull();
});

test('a load that also speaks another protocol may be answered there', () => {
  const watch = after(20);
  watch.sample('grpc_req_duration');
  expect(watch.unreached).toBeNull();
  const other = after(20);
  other.sample('iterations');
  expect(other.unreached).not.toBeNull();
});

test('of several failures the most frequent is named; without an error its code is', () => {
  const noHost = tagsOf({ status: '0', error_code: '1101' });
  expect(after(20, (i) => (i % 3 === 0 ? {} : { tags: noHost })).unreached?.why).toBe('error 1101');
});
