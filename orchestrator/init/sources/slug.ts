/** A name for files from any text: lower-case letters, digits and dashes, at most 40. */
export function slug(text: string, fallback = 'system', most = 40): string {
  const plain = text
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, most)
    .replace(/^-+|-+$/g, '');
  return plain === '' ? fallback : plain;
}
