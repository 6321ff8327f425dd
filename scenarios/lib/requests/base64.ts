const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** Base64 (RFC 4648, section 4) of a text in UTF-8. k6 has it in a module that every virtual user would pay for. */
export const base64 = (text: string): string => {
  const bytes: number[] = [];
  const escaped = encodeURIComponent(text);
  for (let at = 0; at < escaped.length; at += 1) {
    if (escaped[at] !== '%') bytes.push(escaped.charCodeAt(at));
    else {
      bytes.push(Number(`0x${escaped.slice(at + 1, at + 3)}`));
      at += 2;
    }
  }
  let encoded = '';
  for (let at = 0; at < bytes.length; at += 3) {
    const [first = 0, second = 0, third = 0] = bytes.slice(at, at + 3);
    const bits = (first << 16) | (second << 8) | third;
    const letters = [18, 12, 6, 0].map((shift) => LETTERS[(bits >> shift) & 63] ?? '');
    encoded += letters.slice(0, Math.min(4, bytes.length - at + 1)).join('');
  }
  return encoded.padEnd(Math.ceil(encoded.length / 4) * 4, '=');
};
