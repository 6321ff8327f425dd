import fc from 'fast-check';
import { expect, test } from 'vitest';
import { endMark } from './end-mark.ts';

const MARK = 'squall-end-0123';

function feed(text: string, lengths: readonly number[]) {
  const mark = endMark(MARK);
  const seen: string[] = [];
  let at = 0;
  for (const length of [...lengths, text.length]) {
    const piece = Buffer.from(text.slice(at, at + length));
    at += length;
    if (piece.length === 0) continue;
    seen.push(mark.pass(piece).toString());
    piece.fill(0);
  }
  return { text: seen.join('') + mark.rest().toString(), isHere: mark.isHere };
}

test('the mark is told from what is in front of it, however the pieces are cut, and is not passed on', () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom('a,1\n', 'squall-end-', MARK, 'squall-', '0123'), { maxLength: 12 }),
      fc.array(fc.integer({ min: 1, max: 30 }), { maxLength: 40 }),
      fc.boolean(),
      (words, lengths, ends) => {
        const text = words.join('');
        if (text.endsWith(MARK)) return;
        expect(feed(ends ? text + MARK : text, lengths)).toEqual({ text, isHere: ends });
      },
    ),
  );
});
