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
