/**
 * The value of a metric in the text format of Prometheus; null when it is not there, or cannot be read. Series with different labels
 * are added up: a page is that of one service, and where it has several series, they are those of its processes, each with
 * memory and processor time of its own. The largest or the first would hide what the others use.
 */
export const gauge = (text: string, name: string): number | null => {
  let sum: number | null = null;
  for (const line of text.split('\n')) {
    if (!line.startsWith(name)) continue;
    const rest = afterLabels(line.slice(name.length));
    if (rest === null) continue;
    // After the value there may be a timestamp.
    const value = Number(rest.trim().split(' ')[0] || Number.NaN);
    if (Number.isNaN(value)) return null;
    sum = (sum ?? 0) + value;
  }
  return sum;
};

/** What follows a metric's whole name and its labels; null: the name goes on. */
const afterLabels = (text: string): string | null => {
  if (text[0] === ' ') return text;
  if (text[0] !== '{') return null;
  let quoted = false;
  // The value of a label may hold anything, a brace or an escaped quotation mark included.
  for (let i = 1; i < text.length; i += 1) {
    if (quoted && text[i] === '\\') i += 1;
    else if (text[i] === '"') quoted = !quoted;
    else if (text[i] === '}' && !quoted) return text.slice(i + 1);
  }
  return '';
};
