import fc from 'fast-check';
import { expect, it } from 'vitest';
import { plain } from './plain.ts';

it('shows escape sequences, line ends and reordering marks instead of obeying them', () => {
  expect(plain('\u001b[31mred\nnext\u202egnp\u009b1m')).toBe('␛[31mred⏎next\\u{202e}gnp\\u{9b}1m');
});

it('leaves ordinary text of any language alone', () => {
  for (const text of ['GET /api/projects?x=1', 'Überlast – 5 %', '日本語', '👩‍🚀 🇩🇪'])
    expect(plain(text)).toBe(text);
});

it('gives well-formed text without controls for every input, and the same again when done twice', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 0x10ffff })), (codes) => {
      const text = String.fromCodePoint(...codes);
      const once = plain(text);
      return !/[\p{Cc}\p{Cs}\u2028-\u202e\u2066-\u2069]/u.test(once) && plain(once) === once;
    }),
  );
});
