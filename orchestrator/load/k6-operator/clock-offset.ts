/** An answer of another clock: asked at `sentAt`, there at `gotAt` by this clock (epoch ms). */
export interface ClockAnswer {
  readonly sentAt: number;
  readonly gotAt: number;
  /** What the other clock showed, rounded down to its resolution. */
  readonly shown: number;
  readonly resolutionMs: number;
}

/** What is to be added to times of the other clock, and by how much that may be wrong. */
export interface ClockOffset {
  readonly offsetMs: number;
  readonly plusMinusMs: number;
}

/**
 * How far the other clock is behind this one.
 *
 * The clock was read at some moment t between `sentAt` and `gotAt`, and showed s then: it stood between s and s + r, with r its
 * resolution. So what has to be added, o = t - clock, lies between sentAt - s - r and gotAt - s. Each answer gives such an interval,
 * and o is in all of them: the quick ones count, and slow ones do no harm. With a clock of whole seconds the answers right before and
 * right after it moves on are the ones that tell.
 *
 * @returns null when no answer came, or they contradict each other: one of the clocks was set meanwhile
 */
export function clockOffset(answers: readonly ClockAnswer[]): ClockOffset | null {
  let low = Number.NEGATIVE_INFINITY;
  let high = Number.POSITIVE_INFINITY;
  for (const { sentAt, gotAt, shown, resolutionMs } of answers) {
    low = Math.max(low, sentAt - shown - resolutionMs);
    high = Math.min(high, gotAt - shown);
  }
  if (answers.length === 0 || low > high) return null;
  return { offsetMs: (low + high) / 2, plusMinusMs: (high - low) / 2 };
}

/** Of a tick: what a new file is stamped with is up to this much old (a kernel at 100 ticks a second). */
const TICK_MS = 10;

/**
 * Reads `<number> <EPOCHREALTIME>` or `<number> <date +%s%N> <stat -c %y>`. @returns null for what is no answer
 */
export function readAnswer(
  line: string,
): { readonly number: number; readonly shown: number; readonly resolutionMs: number } | null {
  // Some languages write a comma.
  const own = /^(\d+) (\d{10})[.,](\d{6})$/.exec(line);
  if (own !== null)
    return {
      number: Number(own[1]),
      shown: Number(own[2]) * 1e3 + Number(own[3]) / 1e3,
      resolutionMs: 0.001,
    };
  const found = /^(\d+) (\S+) (\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)(\.\d+)? ?([+-]\d{4})?/.exec(line);
  if (found === null) return null;
  const [, number, nanos = '', day, time, fraction = '', zone = '+0000'] = found;
  if (/^\d{19}$/.test(nanos)) return { number: Number(number), shown: Number(nanos) / 1e6, resolutionMs: 0 };
  const seconds = Date.parse(`${day}T${time}${zone.slice(0, 3)}:${zone.slice(3)}`);
  if (!Number.isFinite(seconds)) return null;
  const isFine = /[1-9]/.test(fraction);
  return {
    number: Number(number),
    shown: seconds + (isFine ? Number(`0${fraction}`) * 1000 : 0),
    resolutionMs: isFine ? TICK_MS : 1000,
  };
}
