/** One series, or several, of a page of metrics: `http_requests_total{code="500"}`. */
export interface MetricSelector {
  readonly name: string;
  readonly labels: readonly { readonly label: string; readonly is: boolean; readonly value: string }[];
}

/** Parses `name{label="value",other!="value"}`. @throws RangeError that says what does not fit */
export function parseMetricSelector(text: string): MetricSelector {
  const [, name = '', inside] = /^([A-Za-z_:][\w:.]*)\s*(?:\{(.*)\})?$/s.exec(text.trim()) ?? [];
  if (name === '') throw new RangeError('a series is its name, with labels in braces');
  const labels: { label: string; is: boolean; value: string }[] = [];
  let rest = (inside ?? '').trim();
  while (rest !== '') {
    const [whole, label = '', sign, value = ''] = LABEL.exec(rest) ?? [];
    if (whole === undefined) throw new RangeError('a label is written label="value" or label!="value"');
    labels.push({ label, is: sign === '=', value: unescaped(value) });
    rest = rest.slice(whole.length);
  }
  return { name, labels };
}

const LABEL = /^([A-Za-z_][\w.]*)\s*(=|!=)\s*"((?:[^"\\]|\\.)*)"\s*(?:,\s*|$)/s;

/** As in the text format of Prometheus. */
export function unescaped(text: string): string {
  return text.replace(/\\(.)/gs, (_, char: string) => (char === 'n' ? '\n' : char));
}
