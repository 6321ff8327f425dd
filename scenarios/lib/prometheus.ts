/** One line of a page of metrics. */
export interface Reading {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** All lines of a metric in the text format of Prometheus, whatever their labels; none when it is not there. */
export const readingsOf = (text: string, name: string): Reading[] => {
  const found: Reading[] = [];
  for (const line of text.split('\n')) {
    const next = line[name.length];
    if ((next !== ' ' && next !== '{') || !line.startsWith(name)) continue;
    const { labels, end } =
      next === '{' ? labelsFrom(line, name.length + 1) : { labels: {}, end: name.length };
    // After the value a time may follow.
    const word = line.slice(end).trim().split(' ')[0] ?? '';
    const value = word === '' ? Number.NaN : Number(word);
    if (!Number.isNaN(value)) found.push({ labels, value });
  }
  return found;
};

/** The value of the one line with these labels; null when it is not there. */
export const readingWith = (
  text: string,
  name: string,
  labels: Readonly<Record<string, string>> = {},
): number | null => {
  const wanted = Object.entries(labels);
  const all = readingsOf(text, name);
  return all.find((one) => wanted.every(([key, value]) => one.labels[key] === value))?.value ?? null;
};

/** Values may hold commas, braces and escaped quotes, paths of mounted disks do. */
const labelsFrom = (line: string, start: number): { labels: Record<string, string>; end: number } => {
  const labels: Record<string, string> = {};
  let at = start;
  while (at < line.length && line[at] !== '}') {
    const equals = line.indexOf('=', at);
    if (equals < 0) break;
    const key = line.slice(at, equals).trim();
    let value = '';
    for (at = equals + 2; at < line.length && line[at] !== '"'; at += 1) {
      if (line[at] !== '\\') value += line[at];
      else {
        at += 1;
        value += line[at] === 'n' ? '\n' : (line[at] ?? '');
      }
    }
    labels[key] = value;
    at += 1;
    while (line[at] === ',' || line[at] === ' ') at += 1;
  }
  return { labels, end: at + 1 };
};
