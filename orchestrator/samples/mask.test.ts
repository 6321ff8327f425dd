import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createMask } from './mask.ts';

function masked(text: string, secrets: readonly string[], cuts: readonly number[] = []): string {
  const mask = createMask(secrets);
  const edges = [0, ...[...cuts].sort((a, b) => a - b), text.length];
  const parts = edges.slice(1).map((edge, i) => mask.push(Buffer.from(text.slice(edges[i], edge))));
  return Buffer.concat([...parts, mask.end()]).toString();
}

test('a secret becomes stars of the same length, wherever the stream is cut', () => {
  const text = 'http_reqs,1,GET,http://h/?token=s3cret-x&a=1\nhttp_reqs,2,GET,http://h/?token=s3cret-x\n';
  const expected = text.replaceAll('s3cret-x', '********');
  fc.assert(
    fc.property(fc.array(fc.nat(text.length), { maxLength: 8 }), (cuts) => {
      expect(masked(text, ['s3cret-x'], cuts)).toBe(expected);
    }),
  );
});

test('a secret that holds another one goes as a whole, and also as a URL encodes it', () => {
  expect(masked('a=pass b=password c=p%40ss', ['pass', 'password', 'p@ss'])).toBe(
    'a=**** b=******** c=******',
  );
});

test('without secrets every byte goes on at once', () => {
  expect(createMask([]).push(Buffer.from('abc')).toString()).toBe('abc');
});
