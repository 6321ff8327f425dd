import { type MetricSelector, unescaped } from '../../../chaos/fields/metric-selector.ts';
import { CannotRead } from './cannot-read.ts';

/** One line of a page of metrics. */
export interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  /** NaN and the infinities are values of the format. */
  readonly value: number;
  /** Epoch milliseconds, where the page says when it was measured. */
  readonly at: number | null;
}

/**
 * The samples of a page of metrics that a selector fits, in the text format of Prometheus or in OpenMetrics.
 * @throws CannotRead when the text is no such page: HTML, JSON, nothing, a line that does not fit
 */
export function samplesOf(page: string, selector: MetricSelector): Sample[] {
  const found: Sample[] = [];
  const lines = page.split('\n');
  // OpenMetrics ends with this, and has its times in seconds.
  const timeUnitMs = lines.some((line) => line.trimEnd() === '# EOF') ? 1000 : 1;
  let samples = 0;
  for (const line of lines) {
    if (line.trim() === '' || line.trimStart().startsWith('#')) continue;
    const [whole, plain, labelled = '', quoted = '', after = '', value = '', time] =
      SAMPLE.exec(line.trim()) ?? [];
    const name = plain ?? unescaped(quoted);
    const inside = labelled || after;
    const number = numberOf(value);
    if (whole === undefined || number === null) throw notAPage(line);
    samples += 1;
    if (name !== selector.name) continue;
    const labels = labelsOf(inside);
    if (labels === null) throw notAPage(line);
    if (!selector.labels.every(({ label, is, value: wanted }) => ((labels[label] ?? '') === wanted) === is))
      continue;
    found.push({ labels, value: number, at: time === undefined ? null : Number(time) * timeUnitMs });
  }
  if (samples === 0) throw new CannotRead('the page holds no metrics');
  return found;
}

/** Epoch milliseconds at which the one process of this page started; undefined: the page does not say, or tells of several. */
export function processStartMs(page: string): number | undefined {
  const [first, ...others] = page.matchAll(/^process_start_time_seconds(?:\{[^}]*\})?\s+(\S+)/gm);
  const seconds = others.length === 0 ? numberOf(first?.[1] ?? '') : null;
  return seconds !== null && Number.isFinite(seconds) ? seconds * 1000 : undefined;
}

const LABELS = String.raw`(?:[^"}]|"(?:[^"\\]|\\.)*")*`;
// A name with other characters than these is in quotes within the braces, as Prometheus 3 writes it.
const SAMPLE = new RegExp(
  String.raw`^(?:([A-Za-z_:][\w:.]*)\s*(?:\{(?!\s*"(?:[^"\\]|\\.)*"\s*[,}])(${LABELS})\})?|\{\s*"((?:[^"\\]|\\.)*)"\s*(?:,(${LABELS}))?\})\s*(?<=[\s}])(\S+)(?:\s+(-?\d+(?:\.\d+)?))?(?:\s+#.*)?$`,
);
const LABEL = /^("(?:[^"\\]|\\.)*"|[A-Za-z_][\w.]*)\s*=\s*"((?:[^"\\]|\\.)*)"\s*(?:,\s*|$)/s;

function labelsOf(inside: string): Record<string, string> | null {
  const labels: Record<string, string> = {};
  let rest = inside.trim();
  while (rest !== '') {
    const [whole, label = '', value = ''] = LABEL.exec(rest) ?? [];
    if (whole === undefined) return null;
    labels[label.startsWith('"') ? unescaped(label.slice(1, -1)) : label] = unescaped(value);
    rest = rest.slice(whole.length);
  }
  return labels;
}

const SPECIAL: Readonly<Record<string, number>> = {
  nan: Number.NaN,
  '+inf': Number.POSITIVE_INFINITY,
  inf: Number.POSITIVE_INFINITY,
  '+infinity': Number.POSITIVE_INFINITY,
  infinity: Number.POSITIVE_INFINITY,
  '-inf': Number.NEGATIVE_INFINITY,
};

function numberOf(text: string): number | null {
  const special = SPECIAL[text.toLowerCase()];
  if (special !== undefined) return special;
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : null;
}

function notAPage(line: string): CannotRead {
  return new CannotRead(
    `this is no page of metrics, it has the line ${JSON.stringify(line.trim().slice(0, 60))}`,
  );
}
