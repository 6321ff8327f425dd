/**
 * Text from outside (names, evidence, alert labels, ids) may hold control characters that drive a terminal or reorder a line.
 * Here they become visible: ESC as `␛`, others as `\u{202e}`. The result is one line, well-formed Unicode, and legal in XML 1.0.
 */
export function plain(text: string): string {
  return text.replace(UNSAFE, (char) => picture(char.codePointAt(0) ?? 0));
}

// Controls, line and paragraph separators, bidirectional marks and overrides, invisible format characters, non-characters, and
// halves of surrogate pairs. U+200D (joins emoji) stays.
const UNSAFE =
  /[\p{Cc}\p{Cs}\u061c\u200b\u200c\u200e\u200f\u2028\u2029\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ufffe\uffff\u{e0000}-\u{e007f}]/gu;

function picture(code: number): string {
  if (code === 0x0a) return '⏎';
  if (code === 0x09) return ' ';
  if (code < 0x20) return String.fromCodePoint(0x2400 + code);
  if (code === 0x7f) return '␡';
  return `\\u{${code.toString(16)}}`;
}
