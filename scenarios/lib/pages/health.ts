export type Health = 'healthy' | 'degraded' | 'down';

export interface HealthAnswer {
  readonly status: number;
  readonly body: string;
  readonly durationMs: number;
}

/** A 200 without a body is degraded. Anything but a 200 within 5 s is down. */
export const classify = ({ status, body, durationMs }: HealthAnswer): Health => {
  if (status !== 200 || durationMs > 5_000) return 'down';
  return body.trim() === '' || body.trim() === '{}' ? 'degraded' : 'healthy';
};

export interface HealthReport {
  readonly degraded: number;
  readonly outages: number;
  readonly flapping: number;
}

/** A service with this many changes in this time is flapping, rather than having outages. */
const changesToFlap = 4;
const withinMs = 60_000;

/**
 * Reads a series of checks as a person would. Each change from up to down is an outage, but four changes within a minute are one
 * flapping, which includes the outages in it. Degraded checks are counted separately: the service is up.
 */
export const report = (
  checks: readonly { readonly atMs: number; readonly health: Health }[],
): HealthReport => {
  const changes: { atMs: number; down: boolean }[] = [];
  let wasDown = false;
  for (const { atMs, health } of checks) {
    const down = health === 'down';
    if (down !== wasDown) changes.push({ atMs, down });
    wasDown = down;
  }
  let flapping = 0;
  let outages = 0;
  let from = 0;
  while (from < changes.length) {
    const start = changes[from]?.atMs ?? 0;
    const inWindow = changes.slice(from).filter(({ atMs }) => atMs - start <= withinMs).length;
    if (inWindow >= changesToFlap) {
      flapping += 1;
      // One flapping lasts as long as changes keep coming within a minute of each other.
      let last = from + inWindow - 1;
      while (last + 1 < changes.length && gap(changes, last) <= withinMs) last += 1;
      from = last + 1;
    } else {
      if (changes[from]?.down) outages += 1;
      from += 1;
    }
  }
  return { degraded: checks.filter(({ health }) => health === 'degraded').length, outages, flapping };
};

const gap = (changes: readonly { atMs: number }[], at: number): number =>
  (changes[at + 1]?.atMs ?? 0) - (changes[at]?.atMs ?? 0);
