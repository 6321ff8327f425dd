/**
 * What an AI request adds to the count of those that took too long: 1 when it did, 0 when it was answered in time. Null: it failed
 * before, which says nothing about how long an answer takes; its sample is missed, and the failure is counted as an error.
 */
export const aiLate = (
  { status, timings }: { readonly status: number; readonly timings: { readonly duration: number } },
  limitMs: number,
): 0 | 1 | null => {
  if (timings.duration >= limitMs) return 1;
  return status >= 200 && status < 400 ? 0 : null;
};
