/** How often something happened in a stretch of time: connections that came, say, or pieces of payload, or commands. */
export interface Stretch {
  readonly count: number;
  readonly ms: number;
}

export interface Counted {
  /** Before the load began; undefined when nobody could look then. */
  readonly before: Stretch | undefined;
  /** Under the load, in parts with about as many of its requests each. */
  readonly parts: readonly Stretch[];
}

/**
 * What polls more slowly than this need not show in the second or two before the load: health checks, pages of metrics, keep-alives.
 * HAProxy checks every 2 s, Prometheus reads every 15 s.
 */
export const UNSEEN_PER_SECOND = 2;
/** A window may hold one more of each of two checks than its length says. */
const AT_THE_EDGES = 2;
/** What goes on without the load may get busier by itself, so many times. */
export const BUSIER = 1.25;
/** How likely it may be that the stretch before the load shows so little by chance alone. */
const CHANCE = 0.02;

/**
 * Whether clearly more happened under the load than before it. Use that was there without the load and goes on as it was is somebody
 * else's; and so may be a burst that fills only one part (an exporter with many questions, a job that runs once a minute). False where
 * nobody looked before: then it cannot be told.
 * @param unseenPerSecond as much may come from somebody who did not show before the load
 */
export function cameWithLoad({ before, parts }: Counted, unseenPerSecond = UNSEEN_PER_SECOND): boolean {
  if (before === undefined || before.ms <= 0) return false;
  const whole = sum(parts);
  const perMs = BUSIER * (before.count / before.ms);
  const unseen = (unseenPerSecond * whole.ms) / 1_000 + AT_THE_EDGES;
  if (whole.count - perMs * whole.ms <= unseen) return false;
  // If it were the same all the time: so many of all would lie before the load.
  const share = before.ms / (before.ms + BUSIER * whole.ms);
  if (chanceOfSoFew(before.count, before.count + whole.count, share) > CHANCE) return false;
  const more = parts.filter(({ count, ms }) => count - perMs * ms > ((unseenPerSecond / 2) * ms) / 1_000);
  return more.length * 2 > parts.length;
}

/** How likely it is that of so many at most `few` fall into a stretch that has this share of the time. Binomial, exact. */
function chanceOfSoFew(few: number, all: number, share: number): number {
  if (few >= all * share) return 1;
  let log = all * Math.log1p(-share);
  let chance = Math.exp(log);
  for (let index = 1; index <= few; index += 1) {
    log += Math.log((all - index + 1) / index) + Math.log(share / (1 - share));
    chance += Math.exp(log);
  }
  return chance;
}

/** For the report, after what was seen: why it is not said to be use by the load. */
export function notWithLoad({ before }: Pick<Counted, 'before'>): string {
  return before === undefined
    ? 'what used it before the load is not known, so whose use this was cannot be told'
    : 'no more than without the load, or than health checks make, so whose use it was cannot be told';
}

function sum(parts: readonly Stretch[]): Stretch {
  return {
    count: parts.reduce((all, { count }) => all + count, 0),
    ms: parts.reduce((all, { ms }) => all + ms, 0),
  };
}
