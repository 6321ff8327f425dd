import { secretTexts } from '../../../chaos/secret-texts.ts';
import { WRITE_ID_KEY } from '../../../thresholds/k6-names.ts';
import { latin1 } from '../recording/latin1.ts';
import type { Records } from '../recording/records.ts';
import { csvRecord, parseCsvRecord } from './csv-record.ts';
import { OWN_METRICS } from './own-metrics.ts';

/**
 * Puts stars over secrets in the texts that a script may have put one into: tags, metadata, names of its metrics, lines that are no
 * samples. Numbers stay: "200" may well be a secret, and is in any time. So does what the verdict looks for by name: a secret "on"
 * must not hide the dropped iterations. Each text is looked at when it comes, samples never.
 */
export function maskTexts(to: Records, secrets: readonly string[]): Records {
  const texts = secretTexts(secrets);
  if (texts.length === 0) return to;
  const hide = starsOver(texts);
  let columns: readonly string[] = [];

  function hideBetween(field: string): string {
    const pieces = field.split(FOUND_BY_NAME);
    return pieces.map((piece, i) => (i % 2 === 0 ? hide(piece) : piece)).join('');
  }

  function hideInFields(bytes: Uint8Array, names: readonly string[]): Uint8Array {
    const text = latin1(bytes);
    // Most texts hold none. Where CSV has doubled a quote only the fields themselves tell.
    if (!text.includes('""') && hide(text) === text) return bytes;
    const fields = parseCsvRecord(text);
    const clean = fields.map((field, i) => (isOfK6(names[i], field) ? field : hideBetween(field)));
    return clean.every((field, i) => field === fields[i]) ? bytes : bytesOf(csvRecord(clean));
  }

  return {
    columns(line) {
      columns = parseCsvRecord(latin1(line)).slice(3);
      to.columns(line);
    },
    metric(id, name) {
      const text = latin1(name);
      return to.metric(id, OWN_METRICS.has(text) ? name : bytesOf(hide(text)));
    },
    tags: (slot, text) => to.tags(slot, hideInFields(text, columns)),
    request: to.request,
    sample: to.sample,
    oddSample(metric, tags, ms, nanos, value, metadata) {
      to.oddSample(metric, tags, ms, nanos, value, hideInFields(metadata, []));
    },
    unreadable: (line) => to.unreadable(bytesOf(hide(latin1(line)))),
  };
}

/** The key of a write's id, and the groups whose requests are not load. */
const FOUND_BY_NAME = new RegExp(`(\\b${WRITE_ID_KEY}=|^::(?:setup|teardown)\\b)`);

/** One star for each byte: texts are bytes here, whatever they mean. */
function starsOver(secrets: readonly string[]): (text: string) => string {
  const needles = secrets.map((secret) => latin1(Buffer.from(secret)));
  return (text) =>
    needles.reduce((rest, needle) => {
      return rest.includes(needle) ? rest.replaceAll(needle, '*'.repeat(needle.length)) : rest;
    }, text);
}

/** What k6 says itself decides whether a request went well. A script may put a text of its own in the same column. */
function isOfK6(column: string | undefined, value: string): boolean {
  return (
    (column === 'status' || column === 'error_code' || column === 'expected_response') &&
    /^(\d{1,4}|true|false)$/.test(value)
  );
}

function bytesOf(text: string): Uint8Array {
  return Buffer.from(text, 'latin1');
}
