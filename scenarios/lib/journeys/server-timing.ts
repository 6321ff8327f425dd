/** The durations of a Server-Timing header (W3C), by name, in milliseconds: `app;dur=1.5, upstream;dur=12`. */
export const parseServerTiming = (header: string): Record<string, number> => {
  const durations: Record<string, number> = {};
  for (const metric of header.split(',')) {
    const [name = '', ...parameters] = metric.split(';').map((part) => part.trim());
    const value = Number(parameters.find((part) => part.startsWith('dur='))?.slice('dur='.length));
    if (name !== '' && !Number.isNaN(value)) durations[name] = value;
  }
  return durations;
};

/**
 * What an AI request adds to the count of slow ones: 1 when it took too long, 0 when it was answered in time. Null: it failed
 * earlier, which says nothing about how long an answer takes. It then has no sample here, and counts as an error.
 */
export const aiLate = (
  { status, timings }: { readonly status: number; readonly timings: { readonly duration: number } },
  limitMs: number,
): 0 | 1 | null => {
  if (timings.duration >= limitMs) return 1;
  return status >= 200 && status < 400 ? 0 : null;
};
