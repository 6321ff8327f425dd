const WORD = /\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g;

/** The names of the `${…}` in every text of some plain data. */
export const wordsOf = (data: unknown): string[] => {
  const found = (JSON.stringify(data) ?? '').match(WORD) ?? [];
  return [...new Set(found.map((one) => one.slice(2, -1)))];
};

/** Puts values in the place of `${NAME}`, in every text of some plain data; what has no value stays as it is. */
export const filledIn = <Data>(data: Data, values: Readonly<Record<string, string | undefined>>): Data => {
  if (typeof data === 'string')
    return data.replace(WORD, (whole, word) => values[word] ?? whole) as typeof data;
  if (Array.isArray(data)) return data.map((one) => filledIn(one, values)) as typeof data;
  if (typeof data !== 'object' || data === null) return data;
  return Object.fromEntries(
    Object.entries(data).map(([key, value]) => [key, filledIn(value, values)]),
  ) as Data;
};
