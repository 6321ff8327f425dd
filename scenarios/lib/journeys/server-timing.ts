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
