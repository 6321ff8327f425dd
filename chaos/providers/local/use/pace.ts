/**
 * As many exchanges a second come from health checks, pages of metrics and keep-alives alone: HAProxy checks every 2 s, Prometheus reads
 * every 15 s. A component that nobody but them uses stands idle, whatever breaks in it.
 */
const OF_CHECKS_PER_SECOND = 2;
/** A window may hold one more of each of two checks than its length says. */
const AT_THE_EDGES = 2;

/** Whether so many exchanges (connections, or pieces of payload that came in) in so many milliseconds are more than checks make. */
export function isMoreThanChecks(exchanges: number, ms: number): boolean {
  return exchanges > (OF_CHECKS_PER_SECOND * ms) / 1_000 + AT_THE_EDGES;
}

/** For the report, after what was seen. */
export const NO_MORE_THAN_CHECKS = 'no more than health checks make, so whose use it was cannot be told';
