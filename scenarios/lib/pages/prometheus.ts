/** One line of a page of metrics. */
export interface Reading {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** All lines of a metric in the text format of Prometheus, whatever their labels; none when it is not there. */
export const readingsOf = (text: string, name: string): Reading[] =>
  linesOf(text, name).filter(({ value }) => !Number.isNaN(value));

/**
 * The value of a metric; null when it is missing or cannot be read. Series with different labels are added up: a page belongs to one
 * service, and if it has several series, they are its processes, each with memory and processor time of its own. The largest or the
 * first would hide what the others use.
 */
export const gauge = (text: string, name: string): number | null => {
  const lines = linesOf(text, name);
  const sum = lines.reduce((total, { value }) => total + value, 0);
  return lines.length === 0 || Number.isNaN(sum) ? null : sum;
};

/** The value of the one line with these labels; null when there is none. */
export const readingWith = (
  text: string,
  name: string,
  labels: Readonly<Record<string, string>> = {},
): number | null => {
  const wanted = Object.entries(labels);
  const all = readingsOf(text, name);
  return all.find((one) => wanted.every(([key, value]) => one.labels[key] === value))?.value ?? null;
};

const linesOf = (text: string, name: string): Reading[] => {
  const found: Reading[] = [];
  for (const line of text.split('\n')) {
    const next = line[name.length];
    if ((next !== ' ' && next !== '{') || !line.startsWith(name)) continue;
    const { labels, end } =
      next === '{' ? labelsFrom(line, name.length + 1) : { labels: {}, end: name.length };
    // A time may follow the value.
    const word = line.slice(end).trim().split(' ')[0] ?? '';
    found.push({ labels, value: word === '' ? Number.NaN : Number(word) });
  }
  return found;
};

/** Values may hold commas, braces and escaped quotes; the paths of mounted disks do. */
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
