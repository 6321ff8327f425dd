/** Replaces secret texts in every string of a value, keys included; the shape stays. */
export function redactor(secrets: readonly string[]): <T>(value: T) => T {
  // Longest first: a secret that contains another one must go as a whole.
  const texts = [...new Set(secrets.filter((secret) => secret.length > 0))].sort(
    (a, b) => b.length - a.length,
  );
  if (texts.length === 0) return (value) => value;
  return (value) => clean(value, texts) as typeof value;
}

function clean(value: unknown, secrets: readonly string[]): unknown {
  if (typeof value === 'string')
    return secrets.reduce((text, secret) => text.replaceAll(secret, '[redacted]'), value);
  if (Array.isArray(value)) return value.map((item) => clean(item, secrets));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [clean(key, secrets), clean(item, secrets)]),
  );
}
