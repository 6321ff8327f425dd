/** What users got of a version. */
export interface VersionCounts {
  readonly good: number;
  readonly failed: number;
  readonly seconds: number;
}

const mostErrors = 0.01;
const mostTimesSlower = 2;
/** Shorter answers count as this long. */
const floorSeconds = 0.005;

/**
 * Why the new version has to go: more than 1 % of its answers fail, or it takes more than twice as long. Undefined:
 * it may stay, or has fewer answers than tell anything.
 */
export function whatIsWrong(
  old: VersionCounts,
  candidate: VersionCounts,
  leastAnswers: number,
): string | undefined {
  if (answersOf(candidate) < leastAnswers) return undefined;
  const errors = candidate.failed / answersOf(candidate);
  if (errors > mostErrors) return `${(100 * errors).toFixed(1)} % of its answers fail`;
  if (answersOf(old) < leastAnswers) return undefined;
  const times = meanOf(candidate) / meanOf(old);
  return times > mostTimesSlower ? `it takes ${times.toFixed(1)} times as long` : undefined;
}

export function answersOf({ good, failed }: VersionCounts): number {
  return good + failed;
}

/** From a gateway's page of metrics; what another version answered is not counted. */
export function countsOf(page: string, version: string): VersionCounts {
  const value = (pattern: string) => Number(new RegExp(`^${pattern} (\\S+)$`, 'm').exec(page)?.[1] ?? 0);
  const answers = (outcome: string) =>
    value(`version_requests_total\\{version="${version}",outcome="${outcome}"\\}`);
  return {
    good: answers('good'),
    failed: answers('failed'),
    seconds: value(`version_seconds_total\\{version="${version}"\\}`),
  };
}

export function since(now: VersionCounts, before: VersionCounts): VersionCounts {
  return {
    good: now.good - before.good,
    failed: now.failed - before.failed,
    seconds: now.seconds - before.seconds,
  };
}

function meanOf(counts: VersionCounts): number {
  return Math.max(floorSeconds, counts.seconds / answersOf(counts));
}
