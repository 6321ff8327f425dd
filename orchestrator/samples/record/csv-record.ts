/** Splits one CSV record (RFC 4180: quoted fields, doubled quotes, line breaks inside quotes) into its fields. */
export function parseCsvRecord(record: string): string[] {
  if (!record.includes('"')) return record.split(',');
  const fields: string[] = [];
  let at = 0;
  while (at <= record.length) {
    if (record[at] === '"') {
      const close = closingQuote(record, at + 1);
      fields.push(record.slice(at + 1, close).replaceAll('""', '"'));
      at = close + 2;
    } else {
      const comma = record.indexOf(',', at);
      const end = comma < 0 ? record.length : comma;
      fields.push(record.slice(at, end));
      at = end + 1;
    }
  }
  return fields;
}

/** Makes one record of fields, as k6 writes it: what has a comma, a quote or a line break in it stands in quotes. */
export function csvRecord(fields: readonly string[]): string {
  return fields
    .map((field) => (/[",\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field))
    .join(',');
}

function closingQuote(record: string, from: number): number {
  let at = from;
  while (at < record.length) {
    const quote = record.indexOf('"', at);
    if (quote < 0) return record.length;
    if (record[quote + 1] !== '"') return quote;
    at = quote + 2;
  }
  return record.length;
}
