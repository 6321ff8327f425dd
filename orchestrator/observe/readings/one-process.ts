import { CannotRead } from './cannot-read.ts';

/** Several processes take turns to answer: what one has counted would be taken for work of the other. */
export class SeveralProcesses extends CannotRead {
  constructor() {
    super(
      'several processes answer at this URL, or it is no counter: name the URL of one process, or ask Prometheus with `query:`',
    );
  }
}

/** What is read of counters once. */
interface Counted {
  readonly numbers: Readonly<Record<string, number>>;
  /** Epoch milliseconds, where the page says when its process started. */
  readonly startedAt?: number;
}

/**
 * Looks at one reading of counters after the other, each with its time.
 *
 * A process that is killed, once or often, is one process: each that follows started later than the one before, and counts from 0. Where
 * the page says when its process started, that decides. Where it does not, or two started together, the course of each series does.
 * @throws SeveralProcesses
 */
export function watchProcess(): (reading: Counted, at: number) => void {
  let beganAt: number | null = null;
  let processAt: number | undefined;
  const courses = new Map<string, Course>();
  return ({ numbers, startedAt }, at) => {
    beganAt ??= at;
    if (startedAt !== undefined && processAt !== undefined && !isSame(startedAt, processAt)) {
      // It goes back to one from before; or it ran beside the first one, and nobody knows what it had counted by then.
      if (startedAt < processAt || startedAt < beganAt - CLOCKS_APART_MS) throw new SeveralProcesses();
      courses.clear();
    }
    processAt = startedAt ?? processAt;
    for (const [series, value] of Object.entries(numbers))
      courses.set(series, next(courses.get(series), value));
  };
}

/** A target's clock may be off by this much. Of two that started within it before the first reading, only the return is seen. */
const CLOCKS_APART_MS = 60_000;

/** Some libraries work the start out anew for each page, from clocks that differ by a second. */
function isSame(startedAt: number, processAt: number): boolean {
  return Math.abs(startedAt - processAt) <= 2_000;
}

interface Course {
  readonly last: number;
  /** Around the last fall: what it fell from, and to. */
  readonly from: number;
  readonly to: number;
  /** Where it stood before it was back at what it fell from; null: it is not back. */
  readonly under: number | null;
  /** Falls in a row to where another process may have stood. */
  readonly returns: number;
}

/**
 * Two processes by turns: it rises to where the first one stood, or above, and falls to where the second one stood, or above. A process
 * that starts anew falls towards 0, and has to count its way up. So one fall back to more than half of the height is enough. A small
 * counter may fall to 0 and be back by the next reading: after two kills that is no return yet, or a first one, and it takes two.
 */
function next(course: Course | undefined, value: number): Course {
  if (course === undefined) return { last: value, from: Infinity, to: 0, under: null, returns: 0 };
  const { last, from, to, under } = course;
  if (value >= last) return { ...course, last: value, under: under ?? (value >= from ? last : null) };
  const returns = under !== null && value >= under ? course.returns + 1 : 0;
  const isHigh = under !== null && value >= to && value > last / 2;
  if (isHigh || returns === 2) throw new SeveralProcesses();
  return { last: value, from: last, to: value, under: null, returns };
}
