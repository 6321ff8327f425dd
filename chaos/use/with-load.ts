/** How often something happened in a stretch of time: connections that came, say, or pieces of payload, or commands. */
export interface Stretch {
  readonly count: number;
  readonly ms: number;
}

export interface Counted {
  /** Before the load began, look by look; none when nobody could look then. */
  readonly before: readonly Stretch[];
  /** Under the load, in parts that are as long as a look where that can be had. */
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
/** So many parts have to fit into the stretch before the load, and to be there, to tell what goes on from what comes in bursts. */
const FINE = 2.5;
const ENOUGH_PARTS = 3;
/** Where they do not: in this share of the parts there must be more than before. */
const NEARLY_ALL = 0.75;

/**
 * Whether clearly more happened under the load than before it. Use that was there without the load and goes on as it was is somebody
 * else's; and so may be what comes in bursts with pauses in which nothing shows (an exporter with many questions, a job once a minute).
 * False where nobody looked before: then it cannot be told.
 * @param unseenPerSecond as much may come from somebody who did not show before the load
 */
export function cameWithLoad({ before, parts }: Counted, unseenPerSecond = UNSEEN_PER_SECOND): boolean {
  const [earlier, whole] = [wholeOf(before), wholeOf(parts)];
  if (earlier.ms <= 0) return false;
  const perMs = BUSIER * (earlier.count / earlier.ms);
  const unseen = (unseenPerSecond * whole.ms) / 1_000 + AT_THE_EDGES;
  if (whole.count - perMs * whole.ms <= unseen) return false;
  // If it were the same all the time: so many of all would lie before the load.
  const share = earlier.ms / (earlier.ms + BUSIER * whole.ms);
  if (chanceOfSoFew(earlier.count, earlier.count + whole.count, share) > CHANCE) return false;
  const most = Math.max(...before.map(({ count }) => count));
  const usual = (ms: number) => perMs * ms + ((unseenPerSecond / 2) * ms) / 1_000;
  return goesOn(parts, ({ count, ms }) => count > Math.max(most, usual(ms)), earlier.ms);
}

/**
 * Whether something shows all the time under the load, or in bursts: then a stretch as long as the one before the load may well show
 * nothing, although it was there. @param beforeMs how long that stretch was
 */
export function goesOn<Part extends Pick<Stretch, 'ms'>>(
  parts: readonly Part[],
  isThere: (part: Part) => boolean,
  beforeMs: number,
): boolean {
  const shows = parts.map(isThere);
  const ofBefore = beforeMs / medianOf(parts.map(({ ms }) => ms));
  if (ofBefore >= FINE && shows.length >= ENOUGH_PARTS) return chanceOfNone(shows, ofBefore) <= CHANCE;
  return shows.filter((one) => one).length >= NEARLY_ALL * shows.length;
}

/** How likely it is that nothing shows in so many parts in a row, if it always comes and goes as it did here: a Markov chain of two states. */
function chanceOfNone(shows: readonly boolean[], inARow: number): number {
  const isEmpty = (index: number) => shows[index] === false;
  const empty = shows.filter((one) => !one).length;
  const emptyAgain = shows.filter((_, index) => isEmpty(index) && isEmpty(index - 1)).length;
  // One more than there were: what was not seen may be there all the same.
  const begins = (empty + 1) / (shows.length + 1);
  const staysSo = (emptyAgain + begins) / (empty + 1);
  return begins * staysSo ** (inARow - 1);
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
  return before.length === 0
    ? 'what used it before the load is not known, so whose use this was cannot be told'
    : 'no more than without the load or than health checks make, or only in bursts, so whose use it was cannot be told';
}

export function wholeOf(stretches: readonly Stretch[]): Stretch {
  return {
    count: stretches.reduce((all, { count }) => all + count, 0),
    ms: stretches.reduce((all, { ms }) => all + ms, 0),
  };
}

function medianOf(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
