/**
 * Text from a definition as it may appear in a message: on one line, without anything that a terminal, a log viewer or a
 * reader's eye obeys (controls, escapes, bidirectional and invisible marks), and cut to `maxChars` code points.
 */
export function inert(text: string, maxChars = 80): string {
  // Cut before scanning: a value may be as long as the file.
  const cut = Array.from(text.slice(0, 2 * maxChars + 2)).slice(0, maxChars);
  const shown = cut.join('').replace(UNSAFE, escapeChar);
  return cut.join('').length < text.length ? `${shown}…` : shown;
}

/** Like `inert`, but every unsafe character becomes one replacement character, so that columns stay where they are. */
export function inertColumns(text: string): string {
  return text.replace(UNSAFE, (char) => (char === '\t' ? ' ' : '\ufffd'));
}

/** How a value is named in a message. Texts keep their quotes, structures are only named. */
export function describeValue(value: unknown): string {
  if (value === null) return 'nothing';
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list';
  if (typeof value === 'object') return Object.keys(value).length === 0 ? 'an empty mapping' : 'a mapping';
  if (typeof value === 'string') return `"${inert(value, 60)}"`;
  return inert(String(value), 60);
}

/** Anything but plain visible text, spaces included in it. */
export const UNSAFE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: finding them is the point
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ufffe\uffff]|\p{Surrogate}/gu;

function escapeChar(char: string): string {
  return `\\u${(char.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`;
}
